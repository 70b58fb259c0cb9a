import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { UsageError } from '../errors/usage-error.js';
import type { MaterializationSpec } from '../spec/materialization-spec.js';

/** A materialization that can be run here. */
export type RunnableTask = MaterializationSpec & { endpoint: NonNullable<MaterializationSpec['endpoint']> };

/**
 * The materializations that are to be run.
 *
 * @throws UsageError that names every one without a connector, and when there is nothing to run.
 */
export function runnableTasks(
  tasks: readonly MaterializationSpec[],
  connectors: readonly ConnectorKind[],
  path: string,
): RunnableTask[] {
  const enabled = tasks.filter(({ isDisabled }) => !isDisabled);
  const unknown = enabled.filter(({ endpoint }) => endpoint === undefined);
  if (unknown.length > 0) throw new UsageError(unknown.map((task) => withoutConnector(task, connectors)).join('\n'));
  if (enabled.length === 0) throw new UsageError(nothingToRun(tasks, path));
  return enabled.flatMap(({ endpoint, ...task }) => (endpoint === undefined ? [] : [{ ...task, endpoint }]));
}

function withoutConnector({ name, connectorImage }: MaterializationSpec, connectors: readonly ConnectorKind[]): string {
  const what = connectorImage === '' ? 'its endpoint' : connectorImage;
  const known = connectors.map((kind) => kind.name).join(', ');
  return (
    `${name}: no connector for ${what} is installed; it can run: ${known}. ` +
    'Give it such an endpoint, or write shards: { disable: true } to leave it out.'
  );
}

function nothingToRun(tasks: readonly MaterializationSpec[], path: string): string {
  if (tasks.length === 0) return `${path} has nothing to run: it has no materializations.`;
  return `${path} has nothing to run: every materialization in it is disabled (shards.disable).`;
}
