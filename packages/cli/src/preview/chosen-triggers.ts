import { requireKnownNames } from '../errors/unknown-names.js';

/** Which triggers of a spec are meant. */
export type TriggerChoice = {
  /** Names. Undefined: all. */
  materialization?: readonly string[];
  /** Names. Undefined: all. */
  trigger?: readonly string[];
};

type WithTriggers<Trigger> = { name: string; triggers: readonly Trigger[] };

/** A materialization, and those of its triggers that are meant. */
export type ChosenTriggers<Task extends WithTriggers<{ name: string }>> = {
  task: Task;
  triggers: Array<Task['triggers'][number]>;
};

/**
 * The triggers that a person named. A materialization none of whose triggers is meant is left out.
 *
 * @param alsoKnown Names of triggers that are in the spec and cannot be read: they are no typing errors.
 * @throws UsageError for each name that is not there.
 */
export function chosenTriggers<Task extends WithTriggers<{ name: string }>>(
  tasks: readonly Task[],
  { materialization, trigger }: TriggerChoice,
  path: string,
  alsoKnown: readonly string[] = [],
): Array<ChosenTriggers<Task>> {
  const names = tasks.map(({ name }) => name);
  requireKnownNames(materialization ?? [], names, { what: 'materialization', where: `in ${path}` });
  const meant = tasks.filter(({ name }) => materialization?.includes(name) ?? true);
  const [only] = materialization ?? [];
  const where = materialization?.length === 1 ? `in ${only}` : `in ${path}`;
  const triggerNames = meant.flatMap(({ triggers }) => triggers.map(({ name }) => name));
  requireKnownNames(trigger ?? [], [...triggerNames, ...alsoKnown], { what: 'trigger', where });
  const chosen = meant.map((task) => ({
    task,
    triggers: task.triggers.filter(({ name }) => trigger?.includes(name) ?? true),
  }));
  return trigger === undefined ? chosen : chosen.filter(({ triggers }) => triggers.length > 0);
}
