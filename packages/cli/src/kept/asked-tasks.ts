import { requireKnownNames } from '../errors/unknown-names.js';
import type { KeptTask } from './kept-state.js';

/** Whom a person asks about. Undefined: all of them. */
export type AskedNames = { materialization?: string; trigger?: string };

/**
 * The tasks that a person asks about.
 *
 * @param specPath Where the names are known.
 * @throws UsageError for a name that is not there, also that of a trigger that neither the spec has nor an outbox.
 */
export function askedTasks(
  tasks: readonly KeptTask[],
  { materialization, trigger }: AskedNames,
  specPath: string,
): KeptTask[] {
  const where = `in ${specPath}`;
  const names = tasks.map(({ spec }) => spec.name);
  requireKnownNames(asked(materialization), names, { what: 'materialization', where });
  const wanted = tasks.filter(({ spec }) => materialization === undefined || spec.name === materialization);
  const triggers = wanted.flatMap(({ spec, outboxes }) => [
    ...spec.triggers.map(({ name }) => name),
    ...outboxes.map(({ about }) => about.name),
  ]);
  requireKnownNames(asked(trigger), triggers, { what: 'trigger', where });
  return wanted;
}

function asked(name: string | undefined): string[] {
  return name === undefined ? [] : [name];
}
