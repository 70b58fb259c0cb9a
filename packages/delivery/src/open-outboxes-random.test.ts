import { triggerNameProblem } from '@aftercommit/models';
import { seededRandom } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { compile, triggerConfig } from '../test/delivery-bench.js';
import { Task } from '../test/outbox-bench.js';
import type { CompiledTrigger } from './compiled-trigger.js';
import { identifyTriggers } from './trigger-identity.js';

/** Every target with every template: compiled once, because edits change names, order and intervals only. */
const pool = compile(
  ['a', 'b', 'c'].flatMap((target) =>
    ['[1]', '[2]'].flatMap((payloadTemplate) => triggerConfig(target, { payloadTemplate })),
  ),
);

type Pick = (below: number) => number;

/** A configuration as somebody may have left it: any triggers, twins too, some of them named. */
function edited(pick: Pick): CompiledTrigger[] {
  const names = ['x', 'y', 'z'];
  const chosen = Array.from({ length: pick(5) }, () => pool[pick(pool.length)]).flatMap((one) => one ?? []);
  const triggers = chosen.map((trigger) => ({
    ...trigger,
    configuredName: pick(2) === 0 ? names.splice(pick(names.length), 1)[0] : undefined,
    intervalMs: pick(2) === 0 ? 60_000 : undefined,
  }));
  const identities = identifyTriggers(triggers);
  return triggers.flatMap((trigger, index) => {
    const identity = identities[index];
    return identity === undefined ? [] : [{ ...trigger, identity, name: identity.name }];
  });
}

describe('whatever is edited', () => {
  it.each([0, 1, 2, 3])(
    'no window is lost or goes to two triggers, and names stay unique (group %d of seeds)',
    async (group) => {
      for (let seed = group * 50; seed < group * 50 + 50; seed += 1) {
        const { fraction } = seededRandom(`edits ${seed}`);
        const pick: Pick = (below) => Math.floor(fraction() * below);
        const task = new Task();
        const keys = new Set<string>();
        let number = 0;
        for (let opening = 0; opening < 6; opening += 1) {
          const { outboxes, withoutPartner } = await task.openCompiled(edited(pick));
          const held = [...outboxes.map(({ outbox }) => outbox), ...withoutPartner];
          const found = held.flatMap(({ windows }) => windows.map(({ idempotencyKey }) => idempotencyKey));
          expect([seed, found.sort()]).toEqual([seed, [...keys].sort()]);
          for (const { about } of held) expect(triggerNameProblem(about.name)).toBeUndefined();
          for (const { trigger, outbox } of outboxes) expect(outbox.about.name).toBe(trigger.name);
          for (const { outbox } of outboxes.filter(() => pick(2) === 0)) {
            number += 1;
            await task.add(outbox.id, number);
          }
          for (const { windows } of await task.stored())
            for (const { idempotencyKey } of windows) keys.add(idempotencyKey);
          expect(keys.size).toBe(number);
        }
      }
    },
  );
});
