import { requireKnownNames } from '../errors/unknown-names.js';
import type { TriggerChoice } from '../preview/chosen-triggers.js';
import type { KeptTask } from './kept-state.js';

/**
 * The tasks that a person asks about.
 *
 * @param specPath Where the names are known.
 * @throws UsageError for a name that is not there, also that of a trigger that neither the spec has nor an outbox.
 */
export function askedTasks(
  tasks: readonly KeptTask[],
  { materialization, trigger = [] }: TriggerChoice,
  specPath: string,
): KeptTask[] {
  const where = `in ${specPath}`;
  const names = tasks.map(({ spec }) => spec.name);
  requireKnownNames(materialization ?? [], names, { what: 'materialization', where });
  const wanted = tasks.filter(({ spec }) => materialization?.includes(spec.name) ?? true);
  const triggers = wanted.flatMap(({ spec, outboxes }) => [
    ...spec.triggers.map(({ name }) => name),
    ...outboxes.map(({ about }) => about.name),
  ]);
  requireKnownNames(trigger, triggers, { what: 'trigger', where });
  return wanted;
}
