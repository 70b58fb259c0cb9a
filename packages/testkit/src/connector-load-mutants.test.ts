import { printDocument } from '@aftercommit/models';
import type { BindingKey } from '@aftercommit/runtime-adapter';
import { found, type Mutant, mapped, testMutants, untilError } from '../test/connector-mutant.js';

const loading: Record<string, Mutant> = {
  'answers loads before its apply': {
    owner: 'store',
    caughtBy: 'answers a load that began before acknowledge only with what is applied then',
    differs: (_own, endpoint) => ({
      load: (keys) => mapped(keys, (asked) => found(endpoint, asked)),
    }),
  },
  'answers what its apply will not change before it': {
    owner: 'store',
    caughtBy: 'answers nothing while something committed is not applied',
    differs: (_own, endpoint) => ({
      load: (keys) =>
        mapped(keys, async (asked) => {
          while (
            endpoint.copy().stagings.some(({ rows }) => rows.some((row) => row.key === printDocument([...asked.key])))
          ) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          return found(endpoint, asked);
        }),
    }),
  },
  'ignores the keys of the second binding': {
    caughtBy: 'answers the keys of each binding from its own rows',
    differs: (own) => ({ load: (keys) => own.load(mapped(keys, (asked) => (asked.binding === 1 ? [] : [asked]))) }),
  },
  'looks up only the first part of a key': {
    caughtBy: 'answers what is stored, each once, and leaves out what is not',
    differs: (own, endpoint) => ({
      load: (keys) =>
        mapped(own.load(mapped(keys, (asked) => (asked.binding === 0 ? [asked] : []))), (answer) => [
          answer,
          ...endpoint.rows(1).map((document) => ({ binding: 1, document })),
        ]),
    }),
  },
  'answers a key twice': {
    caughtBy: 'answers what is stored, each once, and leaves out what is not',
    differs: (own) => ({ load: (keys) => mapped(own.load(keys), (answer) => [answer, answer]) }),
  },
  'answers a key as often as it comes': {
    caughtBy: 'answers once what is asked for twice',
    differs: (own, endpoint) => ({
      load: async function* (keys) {
        const known = new Set<string>();
        const again: BindingKey[] = [];
        const first = mapped(keys, (asked) => {
          const text = printDocument([asked.binding, ...asked.key]);
          if (known.has(text)) again.push(asked);
          known.add(text);
          return [asked];
        });
        yield* own.load(first);
        yield* again.flatMap((asked) => found(endpoint, asked));
      },
    }),
  },
  'answers a key without a row': {
    caughtBy: 'answers nothing on a fresh endpoint, and nothing when no key comes',
    differs: (_own, endpoint) => ({
      load: (keys) =>
        mapped(keys, (asked) => {
          const answers = found(endpoint, asked);
          return answers.length > 0 ? answers : [{ binding: asked.binding, document: {} }];
        }),
    }),
  },
  'answers only the keys that came before acknowledge': {
    caughtBy: 'answers keys that come late, after everything is applied',
    differs: (own) => {
      let isAcknowledged = false;
      return {
        acknowledge: async () => {
          const progress = await own.acknowledge();
          isAcknowledged = true;
          return progress;
        },
        load: (keys) => own.load(mapped(keys, (asked) => (isAcknowledged ? [] : [asked]))),
      };
    },
  },
  'takes keys that broke off for their end': {
    caughtBy: 'fails with the keys',
    differs: (own) => ({ load: (keys) => own.load(untilError(keys)) }),
  },
  'answers when it is closed': {
    owner: 'store',
    caughtBy: 'ends a load that waits for acknowledge when it is closed',
    differs: (own, endpoint) => {
      let announce = (): void => undefined;
      const settled = new Promise<void>((resolve) => {
        announce = resolve;
      });
      return {
        acknowledge: () => own.acknowledge().finally(announce),
        close: () => own.close().finally(announce),
        load: (keys) =>
          mapped(keys, async (asked) => {
            await settled;
            return found(endpoint, asked);
          }),
      };
    },
  },
  'never ends a load after close': {
    owner: 'store',
    caughtBy: 'ends a load that waits for acknowledge when it is closed',
    differs: (own) => {
      let announce = (): void => undefined;
      const acknowledged = new Promise<void>((resolve) => {
        announce = resolve;
      });
      return {
        acknowledge: () => own.acknowledge().finally(announce),
        load: async function* (keys) {
          await acknowledged;
          yield* own.load(keys);
        },
      };
    },
  },
};

testMutants(loading);
