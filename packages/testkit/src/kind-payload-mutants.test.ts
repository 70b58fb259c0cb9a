import { randomUUID } from 'node:crypto';
import type { Attempt } from '@aftercommit/registry';
import { testKindMutants } from '../test/kind-mutant.js';
import { type Attempting, attempting, opening } from '../test/plain-http-kind.js';

const bytes = 'delivers exactly the UTF-8 bytes of the payload';
const keys = 'passes on the same idempotency key with every attempt of a delivery, and another one with the next';
const apart = 'keeps attempts apart that run at the same time, also those of two triggers';

const payloadAs = (change: (payload: string) => string) =>
  attempting(({ send, attempt }) => send({ payload: change(attempt.payload) }));
const keyAs = (change: (given: Attempting) => string) =>
  attempting((given) => given.send({ idempotencyKey: change(given) }));

testKindMutants({
  'trims the payload': { caughtBy: bytes, differs: payloadAs((payload) => payload.trim()) },
  'parses and prints the payload': {
    caughtBy: bytes,
    differs: payloadAs((payload) => JSON.stringify(JSON.parse(payload))),
  },
  'parses and prints what is an object': {
    caughtBy: bytes,
    differs: payloadAs((payload) => (payload.startsWith('{') ? JSON.stringify(JSON.parse(payload)) : payload)),
  },
  'adds a line break': { caughtBy: bytes, differs: payloadAs((payload) => `${payload}\n`) },
  'adds a line break where there is none': {
    caughtBy: bytes,
    differs: payloadAs((payload) => (payload.endsWith('\n') ? payload : `${payload}\n`)),
  },
  'puts the payload into an envelope': { caughtBy: bytes, differs: payloadAs((payload) => `{"payload":${payload}}`) },
  'sends Latin-1': {
    caughtBy: bytes,
    differs: payloadAs((payload) => Buffer.from(payload, 'latin1').toString('latin1')),
  },
  'cannot say emojis': { caughtBy: bytes, differs: payloadAs((payload) => payload.replaceAll('🐙', '?')) },
  'composes letters': { caughtBy: bytes, differs: payloadAs((payload) => payload.normalize('NFC')) },
  'reads placeholders in the payload': {
    caughtBy: bytes,
    differs: payloadAs((payload) => '<>'.replace('<>', payload)),
  },
  'sends nothing for an empty object': {
    caughtBy: bytes,
    differs: payloadAs((payload) => (payload === '{}' ? '' : payload)),
  },
  'sends nothing for null': { caughtBy: bytes, differs: payloadAs((payload) => (payload === 'null' ? '' : payload)) },
  'cuts at 64 KiB': { caughtBy: bytes, differs: payloadAs((payload) => payload.slice(0, 65_536)) },
  'cuts at 1 MiB': { caughtBy: bytes, differs: payloadAs((payload) => payload.slice(0, 1_048_576)) },
  'counts characters where bytes are meant': {
    caughtBy: bytes,
    differs: payloadAs((payload) => Buffer.from(payload).subarray(0, payload.length).toString()),
  },
  'leaves out what nobody sees': {
    caughtBy: bytes,
    differs: payloadAs((payload) => payload.replace(/[\u200b-\u200d\ufeff]/g, '')),
  },
  'takes what replaces illegal bytes for one': {
    caughtBy: bytes,
    differs: payloadAs((payload) => payload.replaceAll('\ufffd', '?')),
  },
  'leaves out control characters': {
    caughtBy: bytes,
    differs: payloadAs((payload) => payload.replaceAll('\u007f', '')),
  },
  'leaves out empty lines': { caughtBy: bytes, differs: payloadAs((payload) => payload.replace(/\n\n+/g, '\n')) },
  'makes one space of many': { caughtBy: bytes, differs: payloadAs((payload) => payload.replace(/ {2,}/g, ' ')) },
  'adds the number to the key from the fifth attempt on': {
    caughtBy: keys,
    differs: keyAs(({ attempt: { idempotencyKey, number } }) =>
      number < 5 ? idempotencyKey : `${idempotencyKey}-${number}`,
    ),
  },
  'makes another key after a timeout': {
    caughtBy: 'passes on the same idempotency key after an attempt that nobody answered',
    differs: opening(async (sound) => {
      const timedOut = new Set<string>();
      return {
        async attempt(attempt) {
          const { idempotencyKey } = attempt;
          attempt.signal.addEventListener('abort', () => timedOut.add(idempotencyKey), { once: true });
          const again = timedOut.has(idempotencyKey) ? '-again' : '';
          return sound.attempt({ ...attempt, idempotencyKey: idempotencyKey + again });
        },
      };
    }),
  },
  'keeps the payload of a key': {
    caughtBy: keys,
    differs: opening(async (sound) => {
      const payloads = new Map<string, string>();
      return {
        async attempt(attempt) {
          const payload = payloads.get(attempt.idempotencyKey) ?? attempt.payload;
          payloads.set(attempt.idempotencyKey, payload);
          return sound.attempt({ ...attempt, payload });
        },
      };
    }),
  },
  'sends its first payload for ever': {
    caughtBy: bytes,
    differs: opening(async (sound) => {
      let first: string | undefined;
      return {
        attempt(attempt) {
          first ??= attempt.payload;
          return sound.attempt({ ...attempt, payload: first });
        },
      };
    }),
  },
  'sends a long payload in two': {
    caughtBy: bytes,
    differs: attempting(async ({ send, attempt }) => {
      const half = 100_000;
      if (attempt.payload.length <= half) return send();
      await send({ payload: attempt.payload.slice(0, half) });
      return send({ payload: attempt.payload.slice(half) });
    }),
  },
  'cuts what its receiver cannot take': {
    caughtBy: 'rejects a payload that is longer than the receiver can take, and does not cut it',
    subject: { largestPayloadBytes: 8000 },
    differs: payloadAs((payload) => payload.slice(0, 8000)),
  },
  'tries what its receiver cannot take again and again': {
    caughtBy: 'rejects a payload that is longer than the receiver can take, and does not cut it',
    subject: { largestPayloadBytes: 8000 },
    differs: attempting(async ({ send, attempt }) =>
      attempt.payload.length > 8000 ? { outcome: 'retry', reason: 'too long' } : send(),
    ),
  },
  'passes on no key': { caughtBy: keys, differs: keyAs(() => '') },
  'adds the number of the attempt to the key': {
    caughtBy: keys,
    differs: keyAs(({ attempt }) => `${attempt.idempotencyKey}-${attempt.number}`),
  },
  'makes a key for each attempt': { caughtBy: keys, differs: keyAs(() => randomUUID()) },
  'makes a key for each session': {
    caughtBy: keys,
    differs: opening(async (sound) => {
      const session = randomUUID().slice(0, 8);
      return { attempt: (attempt) => sound.attempt({ ...attempt, idempotencyKey: attempt.idempotencyKey + session }) };
    }),
  },
  'makes the key from the payload': { caughtBy: keys, differs: keyAs(({ attempt }) => attempt.payload) },
  'adds the epoch to the key': {
    caughtBy: keys,
    differs: keyAs(({ attempt }) => `${attempt.idempotencyKey}.${attempt.epoch}`),
  },
  'cuts the key': { caughtBy: keys, differs: keyAs(({ attempt }) => attempt.idempotencyKey.slice(0, 35)) },
  'says the key without its prefix': {
    caughtBy: keys,
    differs: keyAs(({ attempt }) => attempt.idempotencyKey.slice(4)),
  },
  'writes the key in capitals': {
    caughtBy: keys,
    differs: keyAs(({ attempt }) => attempt.idempotencyKey.toUpperCase()),
  },
  'keeps its first key': {
    caughtBy: keys,
    differs: opening(async (sound) => {
      let first: string | undefined;
      return {
        attempt(attempt) {
          first ??= attempt.idempotencyKey;
          return sound.attempt({ ...attempt, idempotencyKey: first });
        },
      };
    }),
  },
  'mixes up attempts that run at the same time': {
    caughtBy: apart,
    differs: opening(async (sound) => {
      let latest: Attempt | undefined;
      return {
        async attempt(attempt) {
          latest = attempt;
          await new Promise((resolve) => setImmediate(resolve));
          return sound.attempt(latest);
        },
      };
    }),
  },
  'mixes up the keys of two triggers': {
    caughtBy: apart,
    differs: () => {
      let latest = '';
      return attempting(async ({ send, attempt }) => {
        latest = attempt.idempotencyKey;
        await new Promise((resolve) => setImmediate(resolve));
        return send({ idempotencyKey: latest });
      })();
    },
  },
  'makes one attempt at a time, and forgets the others': {
    caughtBy: apart,
    differs: opening(async (sound) => {
      let isBusy = false;
      return {
        async attempt(attempt) {
          if (isBusy) return { outcome: 'retry', reason: 'busy' };
          isBusy = true;
          try {
            return await sound.attempt(attempt);
          } finally {
            isBusy = false;
          }
        },
      };
    }),
  },
});
