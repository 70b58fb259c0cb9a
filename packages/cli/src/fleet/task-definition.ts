import { createHash } from 'node:crypto';
import type { RunnableTask } from '../run/runnable-tasks.js';

/**
 * What stands for everything that a spec says of a task, secrets included, so that a task is started again when something of
 * its own has changed, and only then.
 */
export function definitionDigest({ endpoint, sources, triggers, ...rest }: RunnableTask): string {
  const said = {
    ...rest,
    endpoint: { kind: endpoint.kind.name, config: endpoint.config },
    sources: [...sources],
    triggers: triggers.map(({ kind, render: _compiled, secrets: _inConfig, ...trigger }) => ({
      ...trigger,
      kind: kind.kind,
    })),
  };
  return createHash('sha256').update(JSON.stringify(said, bigintAsText)).digest('base64url');
}

/** Documents are parsed with exact integers, and a configuration may have some. */
function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
