import type { StoredOutbox } from '@aftercommit/persistence/records';
import { anyName, type MatchRule, matchingRules, sameName } from './matching-rules.js';
import type { TriggerIdentity } from './trigger-identity.js';

/** The outbox that a trigger goes on with, and why. */
export type Partner = {
  /** What it holds now. */
  outbox: StoredOutbox;
  /** By what it was found. */
  rule: MatchRule;
};

/** Which outbox each trigger goes on with, and which outboxes nobody goes on with. */
export type OutboxMatches = {
  /** In the order of the triggers; undefined: the trigger starts with an empty outbox. */
  partners: Array<Partner | undefined>;
  /** What no trigger goes on with. */
  withoutPartner: StoredOutbox[];
};

/**
 * As `matchByRules`. What holds nothing and has no partner takes part only where nothing else was found, and by its name: all
 * that it would bring along is when it last fired, and a trigger must not miss its windows for that.
 */
export function matchOutboxes(outboxes: readonly StoredOutbox[], triggers: readonly TriggerIdentity[]): OutboxMatches {
  const isIdle = (outbox: StoredOutbox): boolean => isEmpty(outbox) && !outbox.about.hasPartner;
  const { partners, withoutPartner } = matchByRules(
    outboxes.filter((outbox) => !isIdle(outbox)),
    triggers,
  );
  const idle = new Set(outboxes.filter(isIdle));
  const returned = partners.map((partner, index): Partner | undefined => {
    if (partner !== undefined) return partner;
    const outbox = [...idle].find(({ about }) => about.name === triggers[index]?.name);
    if (outbox === undefined) return undefined;
    idle.delete(outbox);
    return { outbox, rule: 'name' };
  });
  return {
    partners: returned,
    withoutPartner: outboxes.filter((one) => withoutPartner.includes(one) || idle.has(one)),
  };
}

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
export function matchByRules(outboxes: readonly StoredOutbox[], triggers: readonly TriggerIdentity[]): OutboxMatches {
  const partners = new Map<TriggerIdentity, Partner>();
  const taken = new Set<StoredOutbox>();
  const openTriggers = (): TriggerIdentity[] => triggers.filter((trigger) => !partners.has(trigger));
  const freeOutboxes = (): StoredOutbox[] => outboxes.filter((outbox) => !taken.has(outbox));
  const pair = (trigger: TriggerIdentity, outbox: StoredOutbox | undefined, rule: MatchRule): void => {
    if (outbox === undefined) return;
    partners.set(trigger, { outbox, rule });
    taken.add(outbox);
  };

  for (const { rule, outboxKey, triggerKey } of matchingRules) {
    const alike = groupBy(freeOutboxes(), ({ about }) => outboxKey(about));
    for (const isSought of [sameName, anyName]) {
      for (const trigger of openTriggers()) {
        const candidates = alike.get(triggerKey(trigger)) ?? [];
        pair(
          trigger,
          candidates.find((outbox) => !taken.has(outbox) && isSought(outbox.about, trigger)),
          rule,
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
    if (!trigger.nameConfigured && !outbox.about.nameConfigured) pair(trigger, outbox, 'only-one-left');
  }

  return { partners: triggers.map((trigger) => partners.get(trigger)), withoutPartner: freeOutboxes() };
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
