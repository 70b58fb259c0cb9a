import { spawn } from 'node:child_process';
import { getDefaultResultOrder, setDefaultResultOrder } from 'node:dns';
import { unwatchFile, watchFile } from 'node:fs';
import { Agent, createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt, AttemptOutcome } from '@aftercommit/registry';
import { testKindMutants } from '../test/kind-mutant.js';
import { attempting, opening, post } from '../test/plain-http-kind.js';

const settles = 'settles at once when the signal aborts, and claims no delivery';
const abortedBefore = 'sends nothing when the signal aborted before the attempt, and claims no delivery';
const abortedAtOnce = 'sends nothing when the signal aborts as soon as the attempt began, unless it tells of it';
const closesAtOnce = 'closes at once when an attempt was just aborted';
const keepsNothingAlive = 'leaves nothing behind that keeps the process alive when it is closed';
const keepsNothing =
  'leaves no connection, interval or program behind when it is closed, and no listener on the process';
const doesNothing = 'does nothing any more when it is closed, however much time passes';
const goesOn = 'goes on when another trigger of the kind is closed, and opens again when all are';
const endsNoOther = 'ends no attempt of another trigger when one is closed';
const abortsNoOther = 'gives up the attempt whose signal aborts, and no other';
const recovers = 'delivers after attempts that failed and one that was aborted';
const delivers = 'delivers with one request';

const unaborted = (): AbortSignal => new AbortController().signal;
const gaveUp: AttemptOutcome = { outcome: 'retry', reason: 'aborted' };

const ends: Array<() => void> = [];
const cleanUp = (): void => {
  for (const end of ends.splice(0)) end();
};

testKindMutants({
  'ignores its signal': { caughtBy: settles, differs: attempting(({ send }) => send({ signal: unaborted() })) },
  'settles a while after its signal aborted': {
    caughtBy: settles,
    differs: attempting(async ({ send }) => {
      try {
        return await send();
      } catch (error) {
        await delay(700);
        throw error;
      }
    }),
  },
  'takes an abort for a delivery': {
    caughtBy: settles,
    differs: attempting(({ send }) => send().catch(() => ({ outcome: 'delivered' }))),
  },
  'claims a delivery before there is an answer': {
    caughtBy: settles,
    differs: attempting(async ({ send }) => {
      void send().catch(() => undefined);
      await delay(20);
      return { outcome: 'delivered' };
    }),
  },
  'sends what was aborted before': {
    caughtBy: abortedBefore,
    differs: attempting(({ send }) => send({ signal: unaborted() })),
  },
  'settles, and sends what was aborted before': {
    caughtBy: abortedBefore,
    differs: attempting(async ({ send, attempt }) => {
      if (!attempt.signal.aborted) return send();
      setTimeout(() => void send({ signal: unaborted() }).catch(() => undefined), 500);
      return gaveUp;
    }),
  },
  'settles at once, and goes on sending': {
    caughtBy: abortedAtOnce,
    differs: attempting(({ send, attempt }) => {
      const aborted = new Promise<AttemptOutcome>((resolve) => {
        attempt.signal.addEventListener('abort', () => resolve(gaveUp), { once: true });
      });
      return Promise.race([aborted, delay(10).then(() => send({ signal: unaborted() }))]);
    }),
  },
  'looks at its signal only in the beginning': {
    caughtBy: settles,
    differs: attempting(async ({ send, attempt }) => {
      if (attempt.signal.aborted) return gaveUp;
      await new Promise((resolve) => setImmediate(resolve));
      return send({ signal: unaborted() });
    }),
  },
  'waits for what was aborted when it is closed': {
    caughtBy: closesAtOnce,
    differs: opening(async (sound) => {
      const attempts: Array<Promise<unknown>> = [];
      return {
        attempt(attempt) {
          const outcome = sound.attempt({ ...attempt, signal: unaborted() });
          attempts.push(outcome);
          const aborted = new Promise<AttemptOutcome>((resolve) => {
            attempt.signal.addEventListener('abort', () => resolve(gaveUp), { once: true });
          });
          return Promise.race([outcome, aborted]);
        },
        close: async () => void (await Promise.all(attempts)),
      };
    }),
  },
  'fails for ever after one failure': {
    caughtBy: recovers,
    differs: opening(async (sound) => {
      let hasFailed = false;
      return {
        async attempt(attempt) {
          if (hasFailed) return { outcome: 'retry', reason: 'broken' };
          const outcome = await sound.attempt(attempt);
          hasFailed = outcome.outcome === 'retry';
          return outcome;
        },
      };
    }),
  },
  'never stops its interval': {
    caughtBy: keepsNothingAlive,
    cleanUp,
    differs: opening(async (sound) => {
      const timer = setInterval(() => undefined, 60_000);
      ends.push(() => clearInterval(timer));
      return sound;
    }),
  },
  'never stops an interval that holds up nobody': {
    caughtBy: keepsNothing,
    cleanUp,
    differs: opening(async (sound) => {
      const timer = setInterval(() => undefined, 60_000).unref();
      ends.push(() => clearInterval(timer));
      return sound;
    }),
  },
  'leaves a timer of each attempt': {
    caughtBy: keepsNothingAlive,
    cleanUp,
    differs: attempting(async ({ send }) => {
      const timer = setTimeout(() => undefined, 60_000);
      ends.push(() => clearTimeout(timer));
      return send();
    }),
  },
  'never closes a connection': {
    caughtBy: keepsNothingAlive,
    cleanUp,
    differs: attempting(async ({ send, config }) => {
      const socket = connect(Number(new URL(config.url).port), '127.0.0.1').on('error', () => undefined);
      ends.push(() => socket.destroy());
      return send();
    }),
  },
  'never closes its agent': {
    caughtBy: keepsNothing,
    cleanUp,
    differs: opening(async (_sound, { url }, environment) => {
      const agent = new Agent({ keepAlive: true });
      ends.push(() => agent.destroy());
      return { attempt: (attempt) => post(url, attempt, { environment, agent }) };
    }),
  },
  'ends no request that was aborted': {
    caughtBy: keepsNothingAlive,
    differs: attempting(({ send, attempt }) => {
      const aborted = new Promise<AttemptOutcome>((resolve) => {
        attempt.signal.addEventListener('abort', () => resolve(gaveUp), { once: true });
      });
      return Promise.race([send({ signal: unaborted() }), aborted]);
    }),
  },
  'leaves a server': {
    caughtBy: keepsNothing,
    cleanUp,
    differs: opening(async (sound) => {
      const server: Server = createServer().listen(0, '127.0.0.1').unref();
      ends.push(() => server.close());
      return sound;
    }),
  },
  'leaves a program running': {
    caughtBy: keepsNothing,
    cleanUp,
    differs: attempting(async ({ send }) => {
      const child = spawn('sleep', ['60'], { stdio: 'ignore' });
      child.unref();
      ends.push(() => child.kill());
      return send();
    }),
  },
  'listens on the process for ever': {
    caughtBy: keepsNothing,
    cleanUp,
    differs: opening(async (sound) => {
      const listener = (): void => undefined;
      process.on('SIGUSR2', listener);
      ends.push(() => process.off('SIGUSR2', listener));
      return sound;
    }),
  },
  'turns off for the whole process what protects it': {
    caughtBy: keepsNothing,
    cleanUp,
    differs: opening(async (sound) => {
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      ends.push(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
      return sound;
    }),
  },
  'changes the title of the process': {
    caughtBy: settles,
    cleanUp,
    differs: opening(async (sound) => {
      const { title } = process;
      process.title = 'kind';
      ends.push(() => {
        process.title = title;
      });
      return sound;
    }),
  },
  'changes how all names are resolved': {
    caughtBy: settles,
    cleanUp,
    differs: opening(async (sound) => {
      const order = getDefaultResultOrder();
      setDefaultResultOrder(order === 'ipv4first' ? 'verbatim' : 'ipv4first');
      ends.push(() => setDefaultResultOrder(order));
      return sound;
    }),
  },
  'watches a file for ever': {
    caughtBy: keepsNothing,
    cleanUp,
    differs: opening(async (sound) => {
      const file = `/nothing-of-this-name-${ends.length}`;
      watchFile(file, { persistent: false }, () => undefined);
      ends.push(() => unwatchFile(file));
      return sound;
    }),
  },
  'listens to a channel for ever': {
    caughtBy: keepsNothing,
    cleanUp,
    differs: opening(async (sound) => {
      const channel = new BroadcastChannel('kind');
      ends.push(() => channel.close());
      return sound;
    }),
  },
  'starts one timer after the other, which hold up nobody': {
    caughtBy: doesNothing,
    cleanUp,
    differs: opening(async (sound) => {
      let timer: NodeJS.Timeout;
      const tick = (): void => {
        timer = setTimeout(tick, 1000).unref();
      };
      tick();
      ends.push(() => clearTimeout(timer));
      return sound;
    }),
  },
  'sends what had failed when it is closed': {
    caughtBy: doesNothing,
    differs: opening(async (sound) => {
      const failed: Attempt[] = [];
      return {
        async attempt(attempt) {
          const outcome = await sound.attempt(attempt);
          if (outcome.outcome !== 'delivered') failed.push(attempt);
          return outcome;
        },
        async close() {
          for (const attempt of failed) void sound.attempt({ ...attempt, signal: unaborted() }).catch(() => undefined);
        },
      };
    }),
  },
  'stops sending after many failures': {
    caughtBy: recovers,
    differs: opening(async (sound) => {
      let failures = 0;
      return {
        async attempt(attempt) {
          if (failures >= 10) return gaveUp;
          const outcome = await sound.attempt(attempt);
          if (outcome.outcome !== 'delivered') failures += 1;
          return outcome;
        },
      };
    }),
  },
  'closes what another trigger uses': {
    caughtBy: goesOn,
    differs: () => {
      let agent: Agent | undefined;
      return opening(async (_sound, { url }, environment) => {
        agent ??= new Agent({ keepAlive: true });
        return {
          attempt: async (attempt) => {
            if (agent === undefined) throw new Error('closed');
            return post(url, attempt, { environment, agent });
          },
          async close() {
            agent?.destroy();
            agent = undefined;
          },
        };
      })();
    },
  },
  'cannot be opened again': {
    caughtBy: goesOn,
    differs: () => {
      let isClosed = false;
      return opening(async (sound) => ({
        attempt: async (attempt) => (isClosed ? { outcome: 'retry', reason: 'closed' } : sound.attempt(attempt)),
        async close() {
          isClosed = true;
        },
      }))();
    },
  },
  'breaks the connections of others when it is closed': {
    caughtBy: endsNoOther,
    differs: () => {
      const agent = new Agent();
      return opening(async (_sound, { url }, environment) => ({
        attempt: (attempt) => post(url, attempt, { environment, agent }),
        close: async () => agent.destroy(),
      }))();
    },
  },
  'ends all its attempts when one is aborted': {
    caughtBy: abortsNoOther,
    differs: opening(async (_sound, { url }, environment) => {
      const agent = new Agent();
      return {
        attempt(attempt) {
          attempt.signal.addEventListener('abort', () => agent.destroy());
          return post(url, attempt, { environment, agent });
        },
      };
    }),
  },
  'fails in the background after a delivery': {
    caughtBy: delivers,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      void Promise.reject(new Error('nobody catches this'));
      return outcome;
    }),
  },
  'throws in the background after a delivery': {
    caughtBy: delivers,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      setImmediate(() => {
        throw new Error('nobody catches this');
      });
      return outcome;
    }),
  },
  'fails to close': {
    caughtBy: delivers,
    differs: opening(async (sound) => ({
      attempt: (attempt) => sound.attempt(attempt),
      close: () => new Promise(() => undefined),
    })),
  },
});
