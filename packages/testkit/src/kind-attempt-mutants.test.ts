import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { testKindMutants } from '../test/kind-mutant.js';
import { attempting, opening, type plainHttp } from '../test/plain-http-kind.js';

const opensAlone = 'opens without contacting anybody, then or later, also while the receiver does not answer';
const oneWhenRefused = 'makes one request per attempt also when refused, and says why it may work later';
const oneWhenRejected = 'makes one request also when rejected, and says why';
const nothingMore = 'sends nothing more after it told the outcome, however much time passes';
const whenOver = 'goes on when the signal of an attempt aborts that is over';
const nobodyListens = 'connects once when nobody listens, and says that it may work later';
const breaks = 'says that it may work later when the connection breaks before an answer, and sends nothing again';
const asInEarnest = 'delivers a test as it delivers in earnest, with one request';
const whateverNumber = 'delivers whatever the number of the attempt and the epoch';

/** What goes on in the background must not end the test run when the receiver stops. */
const ignore = (): void => undefined;

testKindMutants({
  'retries by itself at once': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      const first = await send();
      return first.outcome === 'retry' ? send() : first;
    }),
  },
  'retries by itself after a wait, while the attempt goes on': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      const first = await send();
      if (first.outcome !== 'retry') return first;
      await delay(50);
      return send();
    }),
  },
  'retries by itself while there is time': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send, attempt, environment }) => {
      for (;;) {
        const outcome = await send();
        if (outcome.outcome !== 'retry' || attempt.deadlineAt - environment.clock.now() < 60_000) return outcome;
        await delay(10_000, undefined, { signal: attempt.signal });
      }
    }),
  },
  'fails in the background when the signal aborts of an attempt that is over': {
    caughtBy: whenOver,
    differs: attempting(({ send, attempt }) => {
      attempt.signal.addEventListener('abort', () => void Promise.reject(new Error('aborted')));
      return send();
    }),
  },
  'takes the signal of its first attempt for all': {
    caughtBy: whenOver,
    differs: opening(async (sound) => {
      let first: AbortSignal | undefined;
      return {
        attempt(attempt) {
          first ??= attempt.signal;
          return sound.attempt({ ...attempt, signal: first });
        },
      };
    }),
  },
  'retries also what was rejected': {
    caughtBy: oneWhenRejected,
    differs: attempting(async ({ send }) => {
      const first = await send();
      return first.outcome === 'rejected' ? send() : first;
    }),
  },
  'retries in the background by a timer': {
    caughtBy: nothingMore,
    differs: attempting(async ({ send }) => {
      const first = await send();
      if (first.outcome === 'retry') setTimeout(() => void send().catch(ignore), 5000);
      return first;
    }),
  },
  'retries in the background by a timer that holds up nobody': {
    caughtBy: nothingMore,
    differs: attempting(async ({ send }) => {
      const first = await send();
      if (first.outcome === 'rejected') setTimeout(() => void send().catch(ignore), 20_000).unref();
      return first;
    }),
  },
  'retries in the background by a promise': {
    caughtBy: nothingMore,
    differs: attempting(async ({ send }) => {
      const first = await send();
      if (first.outcome === 'retry')
        void delay(3000)
          .then(() => send())
          .catch(ignore);
      return first;
    }),
  },
  'retries in the background by the clock that it is given': {
    caughtBy: nothingMore,
    differs: attempting(async ({ send, environment }) => {
      const first = await send();
      if (first.outcome === 'retry')
        void environment.clock
          .sleep(30_000)
          .then(() => send())
          .catch(ignore);
      return first;
    }),
  },
  'sends what was aborted once more, later': {
    caughtBy: nothingMore,
    differs: attempting(async ({ send, attempt }) => {
      try {
        return await send();
      } finally {
        if (attempt.signal.aborted)
          setTimeout(() => void send({ signal: new AbortController().signal }).catch(ignore), 999);
      }
    }),
  },
  'retries when the connection is refused': {
    caughtBy: nobodyListens,
    differs: attempting(async ({ send }) => send().catch(() => send())),
  },
  'retries a second later when the connection is refused': {
    caughtBy: nobodyListens,
    differs: attempting(async ({ send }) => send().catch(() => delay(1000).then(() => send()))),
  },
  'retries in the background when the connection is refused': {
    caughtBy: nobodyListens,
    differs: attempting(({ send }) =>
      send().catch((error: Error) => {
        setTimeout(() => void send().catch(ignore), 2000);
        return { outcome: 'retry', reason: error.message };
      }),
    ),
  },
  'rejects when nobody listens': {
    caughtBy: nobodyListens,
    differs: attempting(({ send }) => send().catch(() => ({ outcome: 'rejected', reason: 'nobody is there' }))),
  },
  'calls it a delivery when nobody listens': {
    caughtBy: nobodyListens,
    differs: attempting(({ send }) => send().catch(() => ({ outcome: 'delivered' }))),
  },
  'retries when the connection breaks': {
    caughtBy: breaks,
    differs: attempting(({ send }) => send().catch(() => send())),
  },
  'calls it a delivery when the connection breaks': {
    caughtBy: breaks,
    differs: attempting(({ send, attempt }) =>
      send().catch((error: Error) =>
        attempt.signal.aborted ? { outcome: 'retry', reason: error.message } : { outcome: 'delivered' },
      ),
    ),
  },
  'contacts the receiver when it is opened': {
    caughtBy: opensAlone,
    differs: opening(async (sound, { url }) => {
      await fetch(url, { method: 'HEAD' });
      return sound;
    }),
  },
  'connects when it is opened, and says nothing': {
    caughtBy: opensAlone,
    differs: opening(async (sound, { url }) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
      return { attempt: (attempt) => sound.attempt(attempt), close: async () => void socket.destroy() };
    }),
  },
  'resolves the name of the receiver when it is opened': {
    caughtBy: opensAlone,
    differs: opening(async (sound, _config, { egress }) => {
      egress.lookup('localhost', {}, () => undefined);
      return sound;
    }),
  },
  'contacts the receiver a while after it was opened': {
    caughtBy: opensAlone,
    differs: opening(async (sound, { url }) => {
      setTimeout(() => void fetch(url, { method: 'HEAD' }).catch(ignore), 10_000).unref();
      return sound;
    }),
  },
  'sends a greeting with its first attempt': {
    caughtBy: 'delivers with one request',
    differs: attempting(async ({ send }) => {
      await send({ payload: '"hello"' });
      return send();
    }),
  },
  'says nothing of a delivery': {
    caughtBy: 'delivers with one request',
    differs: attempting(async ({ send }) => ({ ...(await send()), status: 200 })),
  },
  'sends only first attempts': {
    caughtBy: whateverNumber,
    differs: attempting(async ({ send, attempt }) => (attempt.number === 1 ? send() : { outcome: 'delivered' })),
  },
  'gives up after five attempts': {
    caughtBy: whateverNumber,
    differs: attempting(async ({ send, attempt }) =>
      attempt.number > 5 ? { outcome: 'rejected', reason: 'too often' } : send(),
    ),
  },
  'cannot say large epochs': {
    caughtBy: whateverNumber,
    differs: attempting(async ({ send, attempt }) => {
      if (!Number.isSafeInteger(Number(attempt.epoch))) throw new RangeError('the epoch is too large');
      return send();
    }),
  },
  'calls a refusal a delivery': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      await send();
      return { outcome: 'delivered' };
    }),
  },
  'swallows its errors': {
    caughtBy: nobodyListens,
    differs: attempting(async ({ send }) => {
      await send().catch(() => undefined);
      return { outcome: 'delivered' };
    }),
  },
  'calls a refusal final': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'retry' ? { ...outcome, outcome: 'rejected' } : outcome;
    }),
  },
  'takes a rejection for something that may work later': {
    caughtBy: oneWhenRejected,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'rejected' ? { ...outcome, outcome: 'retry' } : outcome;
    }),
  },
  'throws what was rejected': {
    caughtBy: oneWhenRejected,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      if (outcome.outcome === 'rejected') throw new Error(outcome.reason);
      return outcome;
    }),
  },
  'sends nothing of a test': {
    caughtBy: asInEarnest,
    differs: attempting(async ({ send, attempt }) => (attempt.isTest === true ? { outcome: 'delivered' } : send())),
  },
  'sends a test twice': {
    caughtBy: asInEarnest,
    differs: attempting(async ({ send, attempt }) => {
      if (attempt.isTest === true) await send();
      return send();
    }),
  },
  'refuses the key of a test': {
    caughtBy: asInEarnest,
    differs: attempting(async ({ send, attempt }) =>
      attempt.idempotencyKey.startsWith('msg_') ? send() : { outcome: 'rejected', reason: 'no such key' },
    ),
  },
  'answers with something that is no text': {
    caughtBy: 'delivers with one request',
    differs: attempting(async ({ send }) => Object.assign(await send(), { answer: 202 })),
  },
  'gives no reason': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'retry' ? { ...outcome, reason: ' ' } : outcome;
    }),
  },
  'throws what is no error': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      if (outcome.outcome === 'retry') throw outcome.reason;
      return outcome;
    }),
  },
  'puts a stack trace into its reason': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'retry' ? { ...outcome, reason: String(new Error(outcome.reason).stack) } : outcome;
    }),
  },
  'asks for a wait that is no number': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'retry' ? { ...outcome, retryAfterMs: Number.NaN } : outcome;
    }),
  },
  'asks for a wait until an instant': {
    caughtBy: oneWhenRefused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'retry' ? { ...outcome, retryAfterMs: Date.now() + 5000 } : outcome;
    }),
  },
  'takes the time of this machine for that of the clock it is given': {
    caughtBy: 'goes by the clock that it is given, also where another is ahead',
    differs: attempting(async ({ send, attempt }) =>
      attempt.deadlineAt <= Date.now() ? { outcome: 'retry', reason: 'too late' } : send(),
    ),
  },
  'gives nothing that can make attempts': {
    caughtBy: 'delivers with one request',
    differs: () => ({ open: async () => ({}) as Awaited<ReturnType<typeof plainHttp.open>> }),
  },
});
