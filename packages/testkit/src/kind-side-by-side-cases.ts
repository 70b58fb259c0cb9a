import assert from 'node:assert/strict';
import { bytesOf, type KindCase } from './kind-bench.js';
import { promptly, within } from './settling.js';

/** How long an attempt that nobody answers is seen to stay in flight, in milliseconds. */
const stayingMs = 30;

/** Attempts and triggers of one kind share nothing that one could take from another. */
export const sideBySideCases: KindCase[] = [
  {
    title: 'keeps attempts apart that run at the same time, also those of two triggers',
    async run(bench) {
      const triggers = [await bench.open(), await bench.open()];
      const sent = Array.from({ length: 8 }, (_, index) => ({
        idempotencyKey: `msg_${String(index).padStart(32, '0')}`,
        payload: JSON.stringify({ index, filling: 'x'.repeat(index * 1000) }),
      }));
      const received = await bench.receivedDuring(async () => {
        const attempts = triggers.flatMap((trigger, index) =>
          sent.filter((_, at) => at % 2 === index).map((attempt) => bench.attempt(trigger, attempt)),
        );
        for (const outcome of await Promise.all(attempts)) assert.equal(outcome.outcome, 'delivered');
      });
      const arrived = received.map(({ idempotencyKey, payload }) => ({
        idempotencyKey,
        payload: String(bytesOf(payload)),
      }));
      arrived.sort((left, right) => String(left.idempotencyKey).localeCompare(String(right.idempotencyKey)));
      assert.deepEqual(arrived, sent, 'each payload arrives once, with its own key');
    },
  },
  {
    title: 'delivers after attempts that failed and one that was aborted',
    needs: 'hang',
    async run(bench) {
      const { receiver } = bench.subject;
      const trigger = await bench.open();
      await receiver.refuse?.();
      // More than a circuit breaker bears: when there is no attempt is the core's to decide.
      for (let number = 1; number <= 12; number += 1) await bench.attempt(trigger, { number });
      await receiver.hang?.();
      await bench.abortedAttempt(trigger);
      await receiver.accept();
      assert.deepEqual(await bench.attempt(trigger), { outcome: 'delivered' });
    },
  },
  {
    title: 'goes on when another trigger of the kind is closed, and opens again when all are',
    async run(bench) {
      const [staying, leaving] = [await bench.open(), await bench.open()];
      await bench.attempt(leaving);
      await bench.close(leaving);
      assert.deepEqual(await bench.attempt(staying), { outcome: 'delivered' });
      await bench.close(staying);
      assert.deepEqual(await bench.attempt(await bench.open()), { outcome: 'delivered' });
    },
  },
  {
    title: 'ends no attempt of another trigger when one is closed',
    needs: 'hang',
    async run(bench) {
      const [staying, leaving] = [await bench.open(), await bench.open()];
      await bench.attempt(staying);
      await bench.attempt(leaving);
      await bench.subject.receiver.hang?.();
      const controller = new AbortController();
      const { outcome } = await bench.arrivedAttempt(staying, { signal: controller.signal });
      await bench.close(leaving);
      assert.ok(!(await within(outcome, stayingMs)), 'closing one trigger ended an attempt of another');
      controller.abort();
      await promptly(outcome, 'attempt() did not settle at once when its signal aborted');
    },
  },
  {
    title: 'gives up the attempt whose signal aborts, and no other',
    needs: 'hang',
    async run(bench) {
      await bench.subject.receiver.hang?.();
      const trigger = await bench.open();
      const [first, second] = [new AbortController(), new AbortController()];
      const staying = await bench.arrivedAttempt(trigger, { signal: first.signal });
      const leaving = bench.started(trigger, { signal: second.signal });
      // It need not arrive: the core makes one attempt of a trigger at a time, and a kind may let a second one wait.
      await within(leaving, stayingMs);
      second.abort();
      await promptly(leaving, 'attempt() did not settle at once when its signal aborted');
      assert.ok(!(await within(staying.outcome, stayingMs)), 'aborting one attempt ended another');
      first.abort();
      await promptly(staying.outcome, 'attempt() did not settle at once when its signal aborted');
    },
  },
];
