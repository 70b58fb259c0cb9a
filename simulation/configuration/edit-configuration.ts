import type { Chance } from '../world/chance.js';
import type { Configuration, PlannedTrigger, RunningConfiguration } from './configuration.js';

/** Gives each thing of a story a number that nothing had before. */
export class Numbers {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** What somebody needs who edits a configuration. */
type Desk = { chance: Chance; numbers: Numbers };

/** The configuration with which a story begins. */
export function firstConfiguration(desk: Desk): Configuration {
  return { triggers: Array.from({ length: desk.chance.between(1, 3) }, () => newTrigger(desk)), isMap: false };
}

/** What somebody made of a configuration. */
export type EditedConfiguration = { configuration: Configuration; edits: readonly Edit[] };

/**
 * Another configuration, one change away: what a person corrects between two runs. Several at once can leave no rule by
 * which an outbox could be told from another one, and then nothing could be demanded; but what says nothing of who a
 * trigger is can always be changed with it.
 *
 * @param removed Triggers that were removed earlier, and may return as they were.
 */
export function editedConfiguration(
  running: RunningConfiguration,
  removed: readonly PlannedTrigger[],
  desk: Desk,
): EditedConfiguration {
  const edit = desk.chance.pick<Edit>([
    'template',
    'target',
    'target and template',
    'name',
    'name',
    'remove',
    'remove',
    'return',
    'return',
    'add',
    'add at an old target',
    'replace',
    'swap names',
    'reorder',
    'reorder',
    'one target for two',
    'interval',
    'interval',
    'interval',
    'interval',
    'policy',
    'limits',
    'token',
    'form',
  ]);
  const one = change(edit, running.configuration, running, removed, desk);
  const isTwice = one !== running.configuration && desk.chance.happens(0.3);
  const other = isTwice ? desk.chance.pick<Edit>(['interval', 'policy', 'limits', 'token', 'reorder']) : undefined;
  const changed = other === undefined ? one : change(other, one, running, removed, desk);
  const isMap = changed.isMap && changed.triggers.every(({ name }) => name !== undefined);
  const edits = [one === running.configuration ? [] : edit, changed === one ? [] : (other ?? [])].flat();
  return { configuration: { ...changed, isMap }, edits };
}

type Edit =
  | 'template'
  | 'target'
  | 'target and template'
  | 'name'
  | 'remove'
  | 'return'
  | 'add'
  | 'add at an old target'
  | 'replace'
  | 'swap names'
  | 'reorder'
  | 'one target for two'
  | 'interval'
  | 'policy'
  | 'limits'
  | 'token'
  | 'form';

function change(
  edit: Edit,
  configuration: Configuration,
  running: RunningConfiguration,
  removed: readonly PlannedTrigger[],
  desk: Desk,
): Configuration {
  const { chance } = desk;
  const { triggers } = configuration;
  const chosen = chance.pickAny(triggers);
  if (chosen === undefined) return configuration;
  const withChosen = (changes: Partial<PlannedTrigger>): Configuration => ({
    ...configuration,
    triggers: triggers.map((trigger) => (trigger === chosen ? { ...trigger, ...changes } : trigger)),
  });
  switch (edit) {
    case 'template':
      return withChosen({ version: chosen.version + 1 });
    case 'target':
      return withChosen({ target: newTarget(desk) });
    case 'target and template':
      // Its name tells who it is.
      return chosen.name === undefined
        ? configuration
        : withChosen({ target: newTarget(desk), version: chosen.version + 1 });
    case 'name':
      return withChosen({ name: anotherName(chosen, running, desk) });
    case 'remove':
      return triggers.length === 1
        ? configuration
        : { ...configuration, triggers: triggers.filter((trigger) => trigger !== chosen) };
    case 'return':
      return returned(configuration, chance.pickAny(removed));
    case 'add':
      return triggers.length >= 4 ? configuration : { ...configuration, triggers: [...triggers, newTrigger(desk)] };
    case 'add at an old target':
      return withOldTarget(configuration, chance.pickAny(removed), desk);
    case 'replace': {
      const other = newTrigger(desk);
      // What has no name before and after is a trigger whose target was corrected.
      const name = chosen.name === undefined ? `named-${desk.numbers.next()}` : other.name;
      return { ...configuration, triggers: triggers.map((one) => (one === chosen ? { ...other, name } : one)) };
    }
    case 'swap names':
      return withSwappedNames(configuration);
    case 'reorder':
      return triggers.length < 2
        ? configuration
        : { ...configuration, triggers: [...triggers.slice(1), ...triggers.slice(0, 1)] };
    case 'one target for two':
      // Those without a name are told apart by their target.
      return chosen.name === undefined
        ? configuration
        : withChosen({
            target: triggers.find(({ name }) => name !== undefined && name !== chosen.name)?.target ?? chosen.target,
          });
    case 'interval':
      // One that had none: what may have been attempted already must stay as it is.
      return withChosen({
        intervalMs:
          chosen.intervalMs === undefined ? chance.pick([1_000, 7_000]) : chance.pick([undefined, 7_000, 30_000]),
      });
    case 'policy':
      return withChosen({ onFailure: chosen.onFailure === 'block' ? 'park' : 'block' });
    case 'limits':
      return withChosen({ maxAttempts: chance.between(1, 4), timeoutMs: chance.pick([500, 2_000, 5_000]) });
    case 'token':
      return withChosen({ token: newToken(desk) });
    case 'form':
      return { ...configuration, isMap: !configuration.isMap };
  }
}

function newTrigger(desk: Desk): PlannedTrigger {
  const { chance, numbers } = desk;
  const number = numbers.next();
  return {
    id: `trigger ${number}`,
    name: chance.happens(0.6) ? `named-${number}` : undefined,
    target: newTarget(desk),
    token: newToken(desk),
    marker: `marker ${number}`,
    version: 1,
    intervalMs: chance.pick([undefined, undefined, undefined, 1_000, 7_000, 30_000]),
    onFailure: chance.pick(['block', 'park']),
    maxAttempts: chance.between(1, 3),
    timeoutMs: chance.pick([500, 2_000, 5_000]),
  };
}

function newTarget({ numbers }: Desk): string {
  return `receiver-${numbers.next()}`;
}

function newToken({ numbers }: Desk): string {
  return `s3cr3t-${String(numbers.next()).padStart(6, '0')}-t0ken`;
}

/** A name that nobody had, the one that was derived so far, or none. */
function anotherName(
  trigger: PlannedTrigger,
  running: RunningConfiguration,
  { chance, numbers }: Desk,
): string | undefined {
  if (trigger.name === undefined) {
    const derived = running.withMarker(trigger.marker)?.name;
    return chance.happens(0.5) ? derived : `named-${numbers.next()}`;
  }
  const isAlone = running.configuration.triggers.filter(({ target }) => target === trigger.target).length === 1;
  return isAlone && chance.happens(0.3) ? undefined : `named-${numbers.next()}`;
}

/** Names decide, so whoever is called like a trigger from now on is that trigger, with all that was changed about it. */
function withSwappedNames(configuration: Configuration): Configuration {
  const { triggers } = configuration;
  const [one, other] = triggers.filter(({ name }) => name !== undefined);
  if (one === undefined || other === undefined) return configuration;
  const swapped = triggers.map((trigger) => {
    if (trigger === one) return { ...one, id: other.id, name: other.name };
    return trigger === other ? { ...other, id: one.id, name: one.name } : trigger;
  });
  return { ...configuration, triggers: swapped };
}

/** A new trigger for a receiver that another one had: its name tells that it is another one. */
function withOldTarget(configuration: Configuration, removed: PlannedTrigger | undefined, desk: Desk): Configuration {
  const { triggers } = configuration;
  if (removed === undefined || triggers.some(({ target }) => target === removed.target)) return configuration;
  const added = { ...newTrigger(desk), name: `named-${desk.numbers.next()}`, target: removed.target };
  return { ...configuration, triggers: [...triggers, added] };
}

/** It returns as it was, unless something has its name, its target or its marker now. */
function returned(configuration: Configuration, removed: PlannedTrigger | undefined): Configuration {
  const { triggers } = configuration;
  if (removed === undefined) return configuration;
  const isTaken = triggers.some(
    ({ id, name, target, marker }) =>
      id === removed.id ||
      marker === removed.marker ||
      target === removed.target ||
      (name !== undefined && name === removed.name),
  );
  return isTaken ? configuration : { ...configuration, triggers: [...triggers, removed] };
}
