import { emptyOutbox, type StoredOutbox } from '@aftercommit/persistence/records';
import { seededRandom } from '@aftercommit/testkit';
import { expect, it } from 'vitest';
import { windowOf } from '../test/delivery-bench.js';
import { matchByRules } from './match-outboxes.js';
import type { MatchRule } from './matching-rules.js';
import type { TriggerIdentity } from './trigger-identity.js';

type Pick = (below: number) => number;
type Pair = { outbox: StoredOutbox; trigger: TriggerIdentity; rank: number[] };

/**
 * Which rule would pair them; undefined: none. 0 is no rule: it says that nothing changed. Behind 1 stand those that had no
 * partner, by what the name of an unnamed trigger stands for, and by the name itself.
 */
function ruleOf({ about }: StoredOutbox, trigger: TriggerIdentity): number | undefined {
  const isNamesake = about.name === trigger.name;
  const isSameTarget = about.kind === trigger.kind && about.targetHash === trigger.targetHash;
  const isSameTemplate = isSameTarget && about.templateHash === trigger.templateHash;
  if (about.hasPartner && isNamesake && isSameTemplate) return 0;
  if (isNamesake && (about.nameConfigured || trigger.nameConfigured)) return 1;
  if (!about.hasPartner) {
    if (isSameTemplate && !about.nameConfigured && !trigger.nameConfigured) return 1.1;
    return isNamesake ? 1.2 : undefined;
  }
  if (isSameTemplate) return 2;
  return isSameTarget ? 3 : undefined;
}

/** What each is called where people are told why. */
const ruleNames = new Map<number, MatchRule>([
  [0, 'same'],
  [1, 'name'],
  [1.1, 'target-and-template'],
  [1.2, 'name'],
  [2, 'target-and-template'],
  [3, 'target'],
  [4, 'only-one-left'],
]);

/** Who may go on with whom, best first, as the rules say; and the pairs that come of it. */
function expectedPairs(outboxes: StoredOutbox[], triggers: TriggerIdentity[]): Map<TriggerIdentity, StoredOutbox> {
  const possible = triggers.flatMap((trigger, triggerAt) =>
    outboxes.flatMap((outbox, outboxAt): Pair[] => {
      const rule = ruleOf(outbox, trigger);
      const other = outbox.about.name === trigger.name ? 0 : 1;
      return rule === undefined ? [] : [{ outbox, trigger, rank: [rule, other, triggerAt, outboxAt] }];
    }),
  );
  const pairs = new Map<TriggerIdentity, StoredOutbox>();
  const taken = new Set<StoredOutbox>();
  for (const { outbox, trigger } of possible.sort((left, right) => compared(left.rank, right.rank))) {
    if (pairs.has(trigger) || taken.has(outbox)) continue;
    pairs.set(trigger, outbox);
    taken.add(outbox);
  }
  for (const kind of ['post', 'log']) {
    const triggersLeft = triggers.filter((trigger) => trigger.kind === kind && !pairs.has(trigger));
    const outboxesLeft = outboxes.filter(
      (outbox) => outbox.about.kind === kind && outbox.about.hasPartner && isFilled(outbox) && !taken.has(outbox),
    );
    const [[trigger], [outbox]] = [triggersLeft, outboxesLeft];
    if (triggersLeft.length !== 1 || outboxesLeft.length !== 1 || trigger === undefined || outbox === undefined)
      continue;
    if (!trigger.nameConfigured && !outbox.about.nameConfigured) pairs.set(trigger, outbox);
  }
  return pairs;
}

function compared(left: number[], right: number[]): number {
  const at = left.findIndex((value, index) => value !== right[index]);
  return (left[at] ?? 0) - (right[at] ?? 0);
}

function isFilled({ windows }: StoredOutbox): boolean {
  return windows.length > 0;
}

function randomIdentity(name: string, pick: Pick): TriggerIdentity {
  const kind = pick(4) === 0 ? 'log' : 'post';
  const [targetHash, templateHash] = [`target ${pick(3)}`, `template ${pick(2)}`];
  return { name, nameConfigured: pick(2) === 0, kind, targetHash, templateHash, configHash: '' };
}

function randomOutbox(name: string, index: number, pick: Pick): StoredOutbox {
  const window = windowOf(index + 1);
  return {
    ...emptyOutbox(String(index + 1).padStart(6, '0')),
    about: { ...randomIdentity(name, pick), hasPartner: pick(3) > 0, intervalMs: null },
    windows: pick(3) === 0 ? [] : [{ place: window.run_id, idempotencyKey: `key-${index}`, window }],
  };
}

/** Some of six names, in any order. */
function someNames(pick: Pick): string[] {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  return Array.from({ length: pick(6) }, () => names.splice(pick(names.length), 1)).flat();
}

it.each([0, 1, 2, 3])('outboxes and triggers are matched as the rules say (group %d of seeds)', (group) => {
  const rules = new Map<number, number>();
  for (let seed = group * 1_000; seed < group * 1_000 + 1_000; seed += 1) {
    const { fraction } = seededRandom(`matching ${seed}`);
    const pick: Pick = (below) => Math.floor(fraction() * below);
    const outboxes = someNames(pick).map((name, index) => randomOutbox(name, index, pick));
    const triggers = someNames(pick).map((name) => randomIdentity(name, pick));
    const { partners, withoutPartner } = matchByRules(outboxes, triggers);
    const pairs = expectedPairs(outboxes, triggers);
    expect([seed, partners.map((partner) => partner?.outbox.id)]).toEqual([
      seed,
      triggers.map((trigger) => pairs.get(trigger)?.id),
    ]);
    // One to one: every outbox has one trigger, or is among those without one.
    const taken = partners.flatMap((partner) => partner?.outbox ?? []);
    expect([...taken, ...withoutPartner].map(({ id }) => id).sort()).toEqual(outboxes.map(({ id }) => id));
    for (const [trigger, outbox] of pairs) {
      const rule = ruleOf(outbox, trigger) ?? 4;
      expect([seed, partners[triggers.indexOf(trigger)]?.rule]).toEqual([seed, ruleNames.get(rule)]);
      rules.set(rule, (rules.get(rule) ?? 0) + 1);
    }
  }
  // None of them is left untried by these seeds.
  expect(new Set(rules.keys())).toEqual(new Set([0, 1, 1.1, 1.2, 2, 3, 4]));
});
