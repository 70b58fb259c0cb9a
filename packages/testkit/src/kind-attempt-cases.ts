import assert from 'node:assert/strict';
import { bytesOf, type KindCase } from './kind-bench.js';

/** What a kind owes for every attempt it is asked to make. */
export const attemptCases: KindCase[] = [
  {
    title: 'opens without contacting anybody, also while the receiver does not answer',
    async run(bench) {
      const { receiver } = bench.subject;
      await receiver.hang?.();
      const received = await bench.receivedDuring(async () => {
        const trigger = await bench.open();
        await receiver.accept();
        // What open() had sent without waiting for it would be there before this.
        await bench.attempt(trigger);
      });
      assert.equal(received.length, 1);
    },
  },
  {
    title: 'delivers with one request',
    async run(bench) {
      await bench.subject.receiver.accept();
      const trigger = await bench.open();
      const received = await bench.receivedDuring(async () => {
        assert.deepEqual(await bench.attempt(trigger), { outcome: 'delivered' });
      });
      assert.equal(received.length, 1);
    },
  },
  {
    title: 'makes one request per attempt also when refused, and says why it may work later',
    needs: 'refuse',
    async run(bench) {
      await bench.subject.receiver.refuse?.();
      const trigger = await bench.open();
      for (const number of [1, 2]) {
        const received = await bench.receivedDuring(async () => {
          assert.equal((await bench.attempt(trigger, { number })).outcome, 'retry');
        });
        assert.equal(received.length, 1);
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
      assert.equal(received.length, 1);
    },
  },
  {
    title: 'delivers exactly the UTF-8 bytes of the payload',
    async run(bench) {
      await bench.subject.receiver.accept();
      const trigger = await bench.open();
      for (const payload of payloads) {
        const [received] = await bench.receivedDuring(() => bench.attempt(trigger, { payload }));
        // No deepEqual: its message would print both payloads.
        const same = received !== undefined && bytesOf(received.payload).equals(bytesOf(payload));
        assert.ok(same, `a payload of ${bytesOf(payload).length} bytes did not arrive as it is`);
      }
    },
  },
  {
    title: 'passes on the same idempotency key with every attempt of a delivery, and another one with the next',
    async run(bench) {
      await bench.subject.receiver.refuse?.();
      const trigger = await bench.open();
      const keys = ['msg_a', 'msg_a', 'msg_a', 'msg_b'];
      const received = await bench.receivedDuring(async () => {
        for (const [index, idempotencyKey] of keys.entries()) {
          await bench.attempt(trigger, { idempotencyKey, number: index + 1, epoch: BigInt(index + 1) });
        }
      });
      assert.deepEqual(
        received.map(({ idempotencyKey }) => idempotencyKey),
        keys,
      );
    },
  },
  {
    title: 'keeps attempts apart that run at the same time',
    async run(bench) {
      await bench.subject.receiver.accept();
      const trigger = await bench.open();
      const sent = Array.from({ length: 8 }, (_, index) => ({
        idempotencyKey: `msg_${index}`,
        payload: JSON.stringify({ index, filling: 'x'.repeat(index * 1000) }),
      }));
      const received = await bench.receivedDuring(async () => {
        const outcomes = await Promise.all(sent.map((attempt) => bench.attempt(trigger, attempt)));
        for (const outcome of outcomes) assert.equal(outcome.outcome, 'delivered');
      });
      const arrived = received.map(({ idempotencyKey, payload }) => ({
        idempotencyKey,
        payload: String(bytesOf(payload)),
      }));
      arrived.sort((left, right) => String(left.idempotencyKey).localeCompare(String(right.idempotencyKey)));
      assert.deepEqual(arrived, sent);
    },
  },
  {
    title: 'delivers after attempts that failed and one that was aborted',
    needs: 'hang',
    async run(bench) {
      const { receiver } = bench.subject;
      const trigger = await bench.open();
      await receiver.refuse?.();
      await bench.attempt(trigger);
      await receiver.hang?.();
      await bench.abortedAttempt(trigger);
      await receiver.accept();
      assert.deepEqual(await bench.attempt(trigger), { outcome: 'delivered' });
    },
  },
];

const payloads = [
  '{}',
  '{"name":"Zoë 🐙 \\u0000 \u2028","tab":"\\t"}',
  ' {"space" : "kept"}\n',
  JSON.stringify({ filling: 'é🐙'.repeat(43_691) }),
];
