import type { StoredOutbox } from '@aftercommit/persistence/records';
import type { TriggerIdentity } from './trigger-identity.js';

/** Which outbox each trigger goes on with, and which outboxes nobody goes on with. */
export type OutboxMatches = {
  /** In the order of the triggers; undefined: the trigger starts with an empty outbox. */
  partners: Array<StoredOutbox | undefined>;
  withoutPartner: StoredOutbox[];
};

/**
 * Matches outboxes and triggers one to one after a configuration may have changed. The first rule that fits decides:
 *
 * 1. a name that was configured, now or at the last opening;
 * 2. kind, target and template (a trigger that was moved or renamed);
 * 3. kind and target (a corrected template);
 * 4. of a kind, when one trigger and one outbox with something in it are left and neither name was configured (a
 *    corrected target).
 *
 * An outbox that had no partner before is found by its name alone. The name of an unnamed trigger stands for kind, target
 * and template, and is longer or shorter as its neighbours need it: what is equal in all three has the same name.
 *
 * Among equals the same name comes first, then the order in which they stand. A window never goes to two triggers,
 * because an outbox leaves the choice once it is taken.
 */
export function matchOutboxes(outboxes: readonly StoredOutbox[], triggers: readonly TriggerIdentity[]): OutboxMatches {
  const partners = new Map<TriggerIdentity, StoredOutbox>();
  const taken = new Set<StoredOutbox>();
  const openTriggers = (): TriggerIdentity[] => triggers.filter((trigger) => !partners.has(trigger));
  const freeOutboxes = (): StoredOutbox[] => outboxes.filter((outbox) => !taken.has(outbox));
  const pair = (trigger: TriggerIdentity, outbox: StoredOutbox | undefined): void => {
    if (outbox === undefined) return;
    partners.set(trigger, outbox);
    taken.add(outbox);
  };

  for (const { outboxKey, triggerKey } of rules) {
    const alike = groupBy(freeOutboxes(), ({ about }) => outboxKey(about));
    for (const isSought of [sameName, anyName]) {
      for (const trigger of openTriggers()) {
        const candidates = alike.get(triggerKey(trigger)) ?? [];
        pair(
          trigger,
          candidates.find((outbox) => !taken.has(outbox) && isSought(outbox.about, trigger)),
        );
      }
    }
  }

  for (const kind of new Set(triggers.map((trigger) => trigger.kind))) {
    const [trigger, ...moreTriggers] = openTriggers().filter((one) => one.kind === kind);
    const [outbox, ...moreOutboxes] = freeOutboxes().filter(
      (one) => one.about.hasPartner && one.about.kind === kind && !isEmpty(one),
    );
    if (trigger === undefined || outbox === undefined || moreTriggers.length + moreOutboxes.length > 0) continue;
    if (!trigger.nameConfigured && !outbox.about.nameConfigured) pair(trigger, outbox);
  }

  return { partners: triggers.map((trigger) => partners.get(trigger)), withoutPartner: freeOutboxes() };
}

type About = StoredOutbox['about'];

/** What must be equal, by rules 1 to 3. An outbox or trigger that takes no part in a rule has a key that nothing equals. */
type Rule = { outboxKey(about: About): string; triggerKey(trigger: TriggerIdentity): string };

const rules: readonly Rule[] = [
  // Nothing changed: one that had no partner must not come in between.
  {
    outboxKey: (about) => key(about.hasPartner, about.name, ...template(about)),
    triggerKey: (trigger) => key(true, trigger.name, ...template(trigger)),
  },
  { outboxKey: ({ name }) => key(true, name), triggerKey: (trigger) => key(trigger.nameConfigured, trigger.name) },
  // Sealing a list writes derived names as configured ones: a copy of the list itself has the same triggers.
  { outboxKey: (about) => key(about.nameConfigured, about.name), triggerKey: ({ name }) => key(true, name) },
  // I9: or outboxes would multiply when hosts take turns, one of which gives a derived name to another trigger.
  {
    outboxKey: (about) => key(!about.hasPartner && !about.nameConfigured, ...template(about)),
    triggerKey: (trigger) => key(!trigger.nameConfigured, ...template(trigger)),
  },
  { outboxKey: (about) => key(!about.hasPartner, about.name), triggerKey: ({ name }) => key(true, name) },
  {
    outboxKey: (about) => key(about.hasPartner, ...template(about)),
    triggerKey: (trigger) => key(true, ...template(trigger)),
  },
  {
    outboxKey: (about) => key(about.hasPartner, ...target(about)),
    triggerKey: (trigger) => key(true, ...target(trigger)),
  },
];

type Hashes = Pick<TriggerIdentity, 'kind' | 'targetHash' | 'templateHash'>;

function target({ kind, targetHash }: Hashes): string[] {
  return [kind, targetHash];
}

function template(hashes: Hashes): string[] {
  return [...target(hashes), hashes.templateHash];
}

function key(takesPart: boolean, ...parts: string[]): string {
  return takesPart ? JSON.stringify(parts) : '';
}

function sameName(about: About, trigger: TriggerIdentity): boolean {
  return about.name === trigger.name;
}

function anyName(): boolean {
  return true;
}

function groupBy(
  outboxes: readonly StoredOutbox[],
  keyOf: (outbox: StoredOutbox) => string,
): Map<string, StoredOutbox[]> {
  const groups = new Map<string, StoredOutbox[]>();
  for (const outbox of outboxes) {
    const group = keyOf(outbox);
    if (group === '') continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [outbox]);
    else members.push(outbox);
  }
  return groups;
}

/** Whether it holds nothing that would be lost with it. What is parked may be replayed, so it counts. */
export function isEmpty({ windows, parked }: StoredOutbox): boolean {
  return windows.length === 0 && parked.length === 0;
}
