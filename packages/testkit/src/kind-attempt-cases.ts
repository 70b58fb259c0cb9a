import assert from 'node:assert/strict';
import type { Trigger } from '@aftercommit/registry';
import { systemClock } from '@aftercommit/runtime-adapter';
import type { KindBench, KindCase } from './kind-bench.js';
import { contactsDuring } from './kind-contacts.js';
import { timeLapse } from './kind-time-lapse.js';
import { turn } from './settling.js';

/** What a kind owes when it is opened, and for every attempt it is asked to make: one, and no more. */
export const attemptCases: KindCase[] = [
  {
    title: 'opens without contacting anybody, then or later, also while the receiver does not answer',
    async run(bench) {
      const { receiver } = bench.subject;
      await receiver.hang?.();
      const received = await bench.receivedDuring(async () => {
        const contacts = await contactsDuring(bench.scope, () => timeLapse(bench.scope, () => bench.open()));
        assert.deepEqual(contacts, [], 'open() only prepares: the first attempt connects');
        const trigger = await bench.open();
        await receiver.accept();
        // What open() had sent without waiting for it would be there before this.
        await bench.attempt(trigger);
      });
      assert.equal(received.length, 1, 'only the attempt sends something');
    },
  },
  {
    title: 'delivers with one request',
    async run(bench) {
      const trigger = await bench.open();
      const received = await bench.receivedDuring(async () => {
        assert.deepEqual(await bench.attempt(trigger), { outcome: 'delivered' });
      });
      assert.equal(received.length, 1, `one attempt sent ${received.length} times`);
    },
  },
  {
    title: 'delivers whatever the number of the attempt and the epoch',
    async run(bench) {
      const trigger = await bench.open();
      const given = [
        { number: 1, epoch: 1n },
        { number: 2, epoch: 1n },
        { number: 3, epoch: 1_750_000_000_000_000n },
        { number: 1, epoch: 9_007_199_254_740_993n },
        { number: 1000, epoch: 9_007_199_254_740_993n },
      ];
      const received = await bench.receivedDuring(async () => {
        for (const one of given) assert.deepEqual(await bench.attempt(trigger, one), { outcome: 'delivered' });
      });
      assert.equal(received.length, given.length, 'how often a delivery is attempted is the core to decide');
    },
  },
  {
    title: 'delivers a test as it delivers in earnest, with one request',
    async run(bench) {
      const trigger = await bench.open();
      const idempotencyKey = `test_${'0'.repeat(32)}`;
      const received = await bench.receivedDuring(async () => {
        const outcome = await bench.attempt(trigger, { idempotencyKey, epoch: 0n, isTest: true });
        assert.deepEqual(outcome, { outcome: 'delivered' }, 'a person asked for it, to see whether it arrives');
      });
      assert.equal(received.length, 1, `one test sent ${received.length} times`);
    },
  },
  {
    title: 'makes one request per attempt also when refused, and says why it may work later',
    needs: 'refuse',
    async run(bench) {
      await bench.subject.receiver.refuse?.();
      const trigger = await bench.open();
      // Also where there is time for many attempts.
      for (const limitMs of [5000, 3_600_000]) {
        const received = await bench.receivedDuring(() =>
          timeLapse(bench.scope, async () => {
            const outcome = await bench.attempt(trigger, { deadlineAt: Date.now() + limitMs });
            assert.equal(outcome.outcome, 'retry');
          }),
        );
        assert.equal(received.length, 1, 'the core decides whether there is another attempt');
      }
    },
  },
  {
    title: 'makes one request also when rejected, and says why',
    needs: 'reject',
    async run(bench) {
      await bench.subject.receiver.reject?.();
      const trigger = await bench.open();
      const received = await bench.receivedDuring(async () => {
        assert.equal((await bench.attempt(trigger)).outcome, 'rejected');
      });
      assert.equal(received.length, 1, 'the core decides whether there is another attempt');
    },
  },
  {
    title: 'goes on when the signal of an attempt aborts that is over',
    async run(bench) {
      const trigger = await bench.open();
      const received = await bench.receivedDuring(async () => {
        for (const controller of [new AbortController(), new AbortController()]) {
          const outcome = await bench.attempt(trigger, { signal: controller.signal });
          assert.deepEqual(outcome, { outcome: 'delivered' }, 'the signal of an attempt ends that attempt alone');
          controller.abort();
          await turn();
        }
      });
      assert.equal(received.length, 2);
    },
  },
  {
    title: 'sends nothing more after it told the outcome, however much time passes',
    async run(bench) {
      const trigger = await bench.open();
      let attempts = 0;
      const received = await bench.receivedDuring(() =>
        timeLapse(bench.scope, async () => {
          attempts = await attemptInEveryMode(bench, trigger);
        }),
      );
      assert.ok(
        received.length <= attempts,
        `${attempts} attempts sent ${received.length} times: a kind does nothing in the background`,
      );
    },
  },
  {
    title: 'goes by the clock that it is given, also where another is ahead',
    async run(bench) {
      const clock = { ...systemClock, now: () => Date.now() - 120_000 };
      const trigger = await bench.open({ clock });
      const outcome = await bench.attempt(trigger, { deadlineAt: clock.now() + 5000 });
      assert.deepEqual(
        outcome,
        { outcome: 'delivered' },
        'deadlineAt is an instant of environment.clock: compare it with clock.now(), not with Date.now()',
      );
    },
  },
];

/** @returns How many attempts were made. */
async function attemptInEveryMode(bench: KindBench, trigger: Trigger): Promise<number> {
  const { receiver } = bench.subject;
  const modes = [receiver.accept, receiver.refuse, receiver.reject].filter((mode) => mode !== undefined);
  for (const mode of modes) {
    await mode.call(receiver);
    await bench.attempt(trigger);
  }
  if (receiver.hang === undefined) return modes.length;
  await receiver.hang();
  await bench.abortedAttempt(trigger);
  return modes.length + 1;
}
