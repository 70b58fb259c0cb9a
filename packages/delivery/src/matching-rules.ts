import type { OutboxRecord } from '@aftercommit/persistence/records';
import type { TriggerIdentity } from './trigger-identity.js';

/**
 * Why a trigger goes on with an outbox:
 *
 * - `same`: name, kind, target and template are what they were.
 * - `name`: they have the same name, configured by one of the two; or the outbox had no trigger, and one of its name is there.
 * - `target-and-template`: kind, target and template are the same.
 * - `target`: kind and target are the same.
 * - `only-one-left`: of this kind nothing else was left that could be meant.
 */
export type MatchRule = 'same' | 'name' | 'target-and-template' | 'target' | 'only-one-left';

/** What must be equal, by rules 1 to 3 of `matchOutboxes`. An outbox or trigger that takes no part in a rule has a key that nothing equals. */
type Rule = {
  rule: MatchRule;
  outboxKey(about: OutboxRecord): string;
  triggerKey(trigger: TriggerIdentity): string;
};

export const matchingRules: readonly Rule[] = [
  // Nothing changed: one that had no partner must not come in between.
  {
    rule: 'same',
    outboxKey: (about) => key(about.hasPartner, about.name, ...template(about)),
    triggerKey: (trigger) => key(true, trigger.name, ...template(trigger)),
  },
  {
    rule: 'name',
    outboxKey: ({ name }) => key(true, name),
    triggerKey: (trigger) => key(trigger.nameConfigured, trigger.name),
  },
  // Sealing a list writes derived names as configured ones: a copy of the list itself has the same triggers.
  {
    rule: 'name',
    outboxKey: (about) => key(about.nameConfigured, about.name),
    triggerKey: ({ name }) => key(true, name),
  },
  // I9: or outboxes would multiply when hosts take turns, one of which gives a derived name to another trigger.
  {
    rule: 'target-and-template',
    outboxKey: (about) => key(!about.hasPartner && !about.nameConfigured, ...template(about)),
    triggerKey: (trigger) => key(!trigger.nameConfigured, ...template(trigger)),
  },
  {
    rule: 'name',
    outboxKey: (about) => key(!about.hasPartner, about.name),
    triggerKey: ({ name }) => key(true, name),
  },
  {
    rule: 'target-and-template',
    outboxKey: (about) => key(about.hasPartner, ...template(about)),
    triggerKey: (trigger) => key(true, ...template(trigger)),
  },
  {
    rule: 'target',
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

/** Among those that a rule finds alike, the first choice. */
export function sameName(about: OutboxRecord, trigger: TriggerIdentity): boolean {
  return about.name === trigger.name;
}

/** And the second one: the order in which they stand. */
export function anyName(): boolean {
  return true;
}
