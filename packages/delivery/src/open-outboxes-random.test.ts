import { triggerNameProblem } from '@aftercommit/models';
import { WriteBatch } from '@aftercommit/persistence';
import { type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import { seededRandom } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { compile, triggerConfig } from '../test/delivery-bench.js';
import { now, Task } from '../test/outbox-bench.js';
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

/** What an outbox holds, by idempotency keys. */
function keysIn({ windows, parked }: StoredOutbox): string[] {
  return [...windows, ...parked].map(({ idempotencyKey }) => idempotencyKey);
}

/** A lane sets its oldest window aside. */
async function park(task: Task, { id, windows: [oldest] }: StoredOutbox): Promise<void> {
  if (oldest === undefined) return;
  const { idempotencyKey, window, place } = oldest;
  const how = { parkedAt: now, failingSinceAt: now, attempts: 1, outcome: 'rejected', reason: 'HTTP 400' } as const;
  const record = { idempotencyKey, window, ...how };
  const batch = new WriteBatch().delete(taskKeys.window(id, place));
  await task.write(batch.put(taskKeys.parked(id, window.run_id), record));
}

/** What follows every opening: commits, and lanes that park. */
async function work(task: Task, outboxes: StoredOutbox[], pick: Pick, nextNumber: () => number): Promise<void> {
  for (const { id } of outboxes.filter(() => pick(2) === 0)) await task.add(id, nextNumber());
  for (const outbox of await task.stored()) if (outbox.about.hasPartner && pick(4) === 0) await park(task, outbox);
}

describe('whatever is edited', () => {
  it.each([0, 1, 2, 3])(
    'nothing held is lost or goes to two triggers, names stay unique, and opening again changes nothing (group %d of seeds)',
    async (group) => {
      for (let seed = group * 30; seed < group * 30 + 30; seed += 1) {
        const { fraction } = seededRandom(`edits ${seed}`);
        const pick: Pick = (below) => Math.floor(fraction() * below);
        const task = new Task();
        let number = 0;
        const nextNumber = (): number => {
          number += 1;
          return number;
        };
        for (let opening = 0; opening < 6; opening += 1) {
          const known = (await task.stored()).flatMap(keysIn);
          const adopted = pick(4) === 0 ? nextNumber() : undefined;
          const { outboxes, withoutPartner } = await task.openCompiled(edited(pick), adopted);
          const held = [...outboxes.map(({ outbox }) => outbox), ...withoutPartner];
          const found = held.flatMap(keysIn);
          expect(new Set(found).size, `seed ${seed}`).toBe(found.length);
          if (adopted === undefined) expect([seed, found.sort()]).toEqual([seed, known.sort()]);
          else expect(found, `seed ${seed}`).toEqual(expect.arrayContaining(known));
          for (const { about } of held) expect(triggerNameProblem(about.name)).toBeUndefined();
          for (const { trigger, outbox } of outboxes) {
            expect(outbox.about.name).toBe(trigger.name);
            if (adopted !== undefined) expect(outbox.windows.at(-1)?.window.docs_total).toBe(adopted);
          }
          const before = await task.stored();
          await task.openCompiled(outboxes.map(({ trigger }) => trigger));
          expect(await task.stored()).toEqual(before);
          const opened = outboxes.map(({ outbox }) => outbox);
          await work(task, opened, pick, nextNumber);
        }
      }
    },
  );
});
