import type { StoredOutbox } from '@aftercommit/persistence';
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
 * 1. the trigger's configured name; an outbox that had no partner before is found by its name alone;
 * 2. kind, target and template (a trigger that was moved or renamed);
 * 3. kind and target (a corrected template);
 * 4. of a kind, when one trigger and one outbox with something in it are left and neither name was configured (a
 *    corrected target).
 *
 * Among equals the same name comes first, then the order in which they stand. A window never goes to two triggers,
 * because an outbox leaves the choice once it is taken.
 */
export function matchOutboxes(outboxes: readonly StoredOutbox[], triggers: readonly TriggerIdentity[]): OutboxMatches {
  const partners = new Map<TriggerIdentity, StoredOutbox>();
  const isFree = (outbox: StoredOutbox): boolean => ![...partners.values()].includes(outbox);
  const openTriggers = (): TriggerIdentity[] => triggers.filter((trigger) => !partners.has(trigger));

  const match = (fits: (outbox: StoredOutbox, trigger: TriggerIdentity) => boolean): void => {
    for (const sameName of [true, false]) {
      for (const trigger of openTriggers()) {
        const found = outboxes.find(
          (outbox) => isFree(outbox) && (outbox.about.name === trigger.name || !sameName) && fits(outbox, trigger),
        );
        if (found !== undefined) partners.set(trigger, found);
      }
    }
  };

  match(({ about }, trigger) => about.name === trigger.name && (trigger.nameConfigured || !about.hasPartner));
  match(({ about }, trigger) => sameTarget(about, trigger) && about.templateHash === trigger.templateHash);
  match(({ about }, trigger) => sameTarget(about, trigger));

  for (const kind of new Set(triggers.map((trigger) => trigger.kind))) {
    const [trigger, ...moreTriggers] = openTriggers().filter((one) => one.kind === kind);
    const [outbox, ...moreOutboxes] = outboxes.filter(
      (one) => isFree(one) && one.about.hasPartner && one.about.kind === kind && !isEmpty(one),
    );
    if (trigger === undefined || outbox === undefined || moreTriggers.length + moreOutboxes.length > 0) continue;
    if (!trigger.nameConfigured && !outbox.about.nameConfigured) partners.set(trigger, outbox);
  }

  return {
    partners: triggers.map((trigger) => partners.get(trigger)),
    withoutPartner: outboxes.filter(isFree),
  };
}

/** Whether it holds nothing that would be lost with it. */
export function isEmpty(outbox: StoredOutbox): boolean {
  return outbox.windows.length === 0;
}

function sameTarget(about: StoredOutbox['about'], trigger: TriggerIdentity): boolean {
  return about.hasPartner && about.kind === trigger.kind && about.targetHash === trigger.targetHash;
}
