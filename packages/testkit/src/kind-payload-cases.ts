import assert from 'node:assert/strict';
import { bytesOf, type KindBench, type KindCase } from './kind-bench.js';

/** What arrives is what was given: the payload to the byte, the key to the letter, and both belong together. */
export const payloadCases: KindCase[] = [
  {
    title: 'delivers exactly the UTF-8 bytes of the payload',
    async run(bench) {
      const trigger = await bench.open();
      for (const payload of payloads.filter((one) => isWithinLimit(bench, one))) {
        let outcome = '';
        const received = await bench.receivedDuring(async () => {
          ({ outcome } = await bench.attempt(trigger, { payload }));
        });
        const [arrived] = received;
        // Some take objects alone, or none that is so long, and say so: whoever wrote the template learns it.
        if (outcome === 'rejected' && isUnusual(payload) && arrived === undefined) continue;
        assert.ok(
          outcome === 'delivered' || (outcome === 'rejected' && isUnusual(payload)),
          `a payload of ${bytesOf(payload).length} bytes is not delivered, but ${outcome}`,
        );
        assert.equal(received.length, 1, 'one attempt sends the payload once');
        // No deepEqual: its message would print both payloads.
        const difference = firstDifference(bytesOf(payload), bytesOf(arrived?.payload ?? ''));
        assert.equal(difference, undefined, difference);
      }
    },
  },
  {
    title: 'rejects a payload that is longer than the receiver can take, and does not cut it',
    needs: 'limit',
    async run(bench) {
      const { largestPayloadBytes = 0 } = bench.subject;
      const trigger = await bench.open();
      const payload = JSON.stringify({ filling: 'x'.repeat(largestPayloadBytes) });
      const received = await bench.receivedDuring(async () => {
        const { outcome } = await bench.attempt(trigger, { payload });
        assert.equal(outcome, 'rejected', 'it fits no better when it is tried again');
      });
      assert.equal(received.length, 0);
    },
  },
  {
    title: 'passes on the same idempotency key with every attempt of a delivery, and another one with the next',
    async run(bench) {
      const [delivery, next] = [keyOf('0123456789abcdef'), keyOf('0123456789abcdee')];
      const keys = [delivery, delivery, delivery, next];
      for (const mode of [bench.subject.receiver.refuse, bench.subject.receiver.accept]) {
        await mode?.call(bench.subject.receiver);
        // The last two with a trigger of another session.
        const triggers = [await bench.open(), await bench.open()];
        const received = await bench.receivedDuring(async () => {
          for (const [index, idempotencyKey] of keys.entries()) {
            const trigger = triggers[index < 2 ? 0 : 1];
            if (trigger === undefined) continue;
            // A delivery may have been tried often.
            const number = (index + 1) ** 4;
            const given = { idempotencyKey, number, epoch: BigInt(index + 1), payload: `{"try":${index}}` };
            await bench.attempt(trigger, given);
          }
        });
        const arrived = received.map(({ idempotencyKey }) => idempotencyKey);
        // What was accepted need not be sent again: some ask their service whether it knows the key.
        const isRepeated = mode === bench.subject.receiver.refuse || arrived.length === keys.length;
        assert.deepEqual(
          arrived,
          isRepeated ? keys : [delivery, next],
          'the key is passed on as it is, with each attempt',
        );
        if (!isRepeated) continue;
        const payloads = received.map(({ payload }) => String(bytesOf(payload)));
        const given = keys.map((_, index) => `{"try":${index}}`);
        assert.deepEqual(payloads, given, 'each attempt sends its own payload, also under a key that was there before');
      }
    },
  },
  {
    title: 'passes on the same idempotency key after an attempt that nobody answered',
    needs: 'hang',
    async run(bench) {
      const { receiver } = bench.subject;
      const idempotencyKey = keyOf('fedcba9876543210');
      const trigger = await bench.open();
      const received = await bench.receivedDuring(async () => {
        await receiver.hang?.();
        await bench.abortedAttempt(trigger, { idempotencyKey });
        await receiver.accept();
        await bench.attempt(trigger, { idempotencyKey, number: 2 });
      });
      const keys = new Set(received.map((delivery) => delivery.idempotencyKey));
      assert.deepEqual([...keys], [idempotencyKey], 'the receiver may have accepted it: by its key it knows that');
    },
  },
];

/** Of the form that the core gives out. Those of two deliveries may differ in their last letter alone. */
function keyOf(end: string): string {
  return `msg_${end.padStart(32, '0123456789abcdef')}`;
}

/** What no template of an ordinary trigger makes. */
function isUnusual(payload: string): boolean {
  return !payload.trimStart().startsWith('{') || bytesOf(payload).length > 60_000;
}

function isWithinLimit({ subject }: KindBench, payload: string): boolean {
  return bytesOf(payload).length <= (subject.largestPayloadBytes ?? Number.POSITIVE_INFINITY);
}

/** Where two payloads differ, and nothing of what is in them; undefined: nowhere. */
function firstDifference(sent: Buffer, received: Buffer): string | undefined {
  if (sent.equals(received)) return undefined;
  const at = sent.findIndex((byte, index) => byte !== received[index]);
  const place = at === -1 ? sent.length : at;
  return `of a payload of ${sent.length} bytes ${received.length} arrived, and they differ from byte ${place} on: send Buffer.from(payload) as it is`;
}

const payloads = [
  '{}',
  '[]',
  'null',
  '0',
  // What parsing and printing would change.
  ' {"space" : "kept"}\n',
  '\t[1.0, 1E2, -0, 12345678901234567890]\r\n',
  '{"b":1,"a":2,"2":3,"1":4,"a":5,"__proto__":{"x":1}}',
  '{"escaped":"\\u00e9\\/\\u0000\\ud83d","plain":"é/"}',
  // What other encodings would lose, and what texts are cut at, quoted with or replaced by.
  '{"name":"Zoë 🐙 \u2028\u0085\u00a0","composed":"é e\u0301"}',
  `{"hostile":"'; -- $1 $& %s %00 {{x}} \${y} <b>&amp; \\\\ \\"\\n + = #"}`,
  '{"unseen":"\ufeff\u200b\u200d\u00ad\u202e\ufffd\ufffe\u007f"}',
  '{\n\n\n  "blank  " :  "lines",\n\n\t\t"kept"\r\n\r\n:1 }',
  // Around what buffers hold.
  ...[65_535, 65_536, 65_537].map((length) => `{"x":"${'x'.repeat(length - 8)}"}`),
  JSON.stringify({ filling: 'é🐙'.repeat(43_691) }),
  JSON.stringify({ filling: `${'0123456789'.repeat(104_858)}🐙` }),
];
