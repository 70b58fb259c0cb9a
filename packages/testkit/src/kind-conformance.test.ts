import { AsyncLocalStorage } from 'node:async_hooks';
import { statSync } from 'node:fs';
import { Agent, globalAgent } from 'node:http';
import { Socket } from 'node:net';
import { defineTriggerKind, type Trigger } from '@aftercommit/registry';
import Type from 'typebox';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { failuresOf, sharedReceiver, token } from '../test/kind-mutant.js';
import {
  attempting,
  opening,
  type PlainHttpConfig,
  plainHttp,
  plainHttpSchema,
  post,
} from '../test/plain-http-kind.js';
import { kindConformance } from './kind-conformance.js';
import type { KindSubject, ReceivedDelivery } from './kind-subject.js';

const { subjectOf } = sharedReceiver();
afterAll(() => globalAgent.destroy());

describe('the conformance of kinds finds nothing wrong with', () => {
  test('a kind that makes a connection for each attempt', async () => {
    expect(await failuresOf(subjectOf(plainHttp, { patienceMs: 5000 }))).toEqual([]);
  });

  test('a kind that says what its receiver answered', async () => {
    const answering = attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'delivered' ? { ...outcome, answer: 'HTTP 200' } : outcome;
    });
    const kind = { ...plainHttp, ...answering() };
    expect(await failuresOf(subjectOf(kind, { patienceMs: 5000 }))).toEqual([]);
  });

  test('a kind with connections of its own that are kept until it is closed', async () => {
    const kind = defineTriggerKind({
      ...plainHttp,
      async open({ url }, environment) {
        if (environment.egress.proxy !== undefined) throw new Error('no proxy');
        const agent = new Agent({ keepAlive: true });
        return {
          attempt: (attempt) => post(url, attempt, { environment, agent }),
          close: async () => agent.destroy(),
        };
      },
    });
    expect(await failuresOf(subjectOf(kind, { patienceMs: 5000 }))).toEqual([]);
  });

  test('a kind that uses the connections of the whole process', async () => {
    const kind = defineTriggerKind({
      ...plainHttp,
      async open({ url }, environment) {
        if (environment.egress.proxy !== undefined) throw new Error('no proxy');
        return { attempt: (attempt) => post(url, attempt, { environment, agent: globalAgent }) };
      },
    });
    expect(await failuresOf(subjectOf(kind, { patienceMs: 5000 }))).toEqual([]);
  });

  test('a kind whose schema is plain JSON, with a default within an object', async () => {
    const attempts = Type.Optional(Type.Number({ title: 'Attempts', description: 'How many at most.', default: 3 }));
    const about = { title: 'Limits', description: 'How much at most.', default: {} };
    const schema = Type.Object({ ...plainHttpSchema.properties, limits: Type.Object({ attempts }, about) });
    const kind = defineTriggerKind({
      ...plainHttp,
      configSchema: JSON.parse(JSON.stringify(schema)) as typeof schema,
      async open(config, environment) {
        if (config.limits.attempts !== 3) throw new Error('the default is not filled in');
        return await plainHttp.open(config, environment);
      },
    });
    expect(await failuresOf(subjectOf(kind as KindSubject['kind'], { patienceMs: 5000 }))).toEqual([]);
  });

  test('a kind that stands on fetch, but for what fetch cannot do', async () => {
    const kind = defineTriggerKind({
      ...plainHttp,
      open: async ({ url }) => ({
        async attempt({ payload, idempotencyKey, signal }) {
          const headers = { 'webhook-id': idempotencyKey };
          const response = await fetch(url, { method: 'POST', body: payload, headers, signal });
          await response.body?.cancel();
          if (response.ok) return { outcome: 'delivered' };
          const outcome = response.status < 500 ? 'rejected' : 'retry';
          return { outcome, reason: `HTTP ${response.status}` };
        },
      }),
    });
    expect(await failuresOf(subjectOf(kind, { patienceMs: 5000, reachesHosts: false }))).toEqual([]);
  });

  test('a kind that makes one attempt of a trigger at a time', async () => {
    const oneAtATime = opening(async (sound) => {
      let last: Promise<unknown> = Promise.resolve();
      return {
        attempt(attempt) {
          const before = last;
          const aborted = new Promise<never>((_resolve, reject) => {
            attempt.signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
            if (attempt.signal.aborted) reject(new Error('aborted'));
          });
          const outcome = Promise.race([before.then(() => sound.attempt(attempt)), aborted]);
          last = outcome.catch(() => undefined);
          return outcome;
        },
      };
    });
    expect(await failuresOf(subjectOf({ ...plainHttp, ...oneAtATime() }))).toEqual([]);
  });

  test('a kind that reaches nobody, and is done at once', async () => {
    const received: ReceivedDelivery[] = [];
    const kind = defineTriggerKind({
      contractVersion: 1,
      kind: 'list',
      configSchema: Type.Object({ list: Type.String({ title: 'List', description: 'What it is called.' }) }),
      describeTarget: ({ list }) => list,
      open: async () => ({
        async attempt({ payload, idempotencyKey, signal }) {
          if (signal.aborted) return { outcome: 'retry', reason: 'aborted' };
          received.push({ payload, idempotencyKey });
          return { outcome: 'delivered' };
        },
      }),
    });
    const receiver = { received: async () => [...received], accept: () => undefined };
    const subject: KindSubject = { kind, config: { list: 'a' }, receiver, reachesHosts: false };
    expect(await failuresOf(subject)).toEqual([]);
  });

  test('a kind whose receiver takes only so much', async () => {
    const kind = defineTriggerKind({
      ...plainHttp,
      async open(config, environment): Promise<Trigger> {
        const sound = await plainHttp.open(config, environment);
        return {
          attempt: async (attempt) =>
            Buffer.byteLength(attempt.payload) > 8000
              ? { outcome: 'rejected', reason: 'longer than 8000 bytes' }
              : sound.attempt(attempt),
        };
      },
    });
    expect(await failuresOf(subjectOf(kind, { largestPayloadBytes: 8000 }), /payload/)).toEqual([]);
  });
});

test('each case has a title of its own', () => {
  const titles = kindConformance(subjectOf(plainHttp)).map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});

test('cases that need what a receiver cannot do, or a kind that reaches hosts, are skipped with a reason', () => {
  const skipped = (changed: Partial<KindSubject>) =>
    kindConformance(subjectOf(plainHttp, changed)).flatMap(({ title, skip }) =>
      skip === undefined ? [] : [[title, skip]],
    );
  const { reject: _, ...lesser } = subjectOf(plainHttp).receiver;
  const noLimit = [
    'rejects a payload that is longer than the receiver can take, and does not cut it',
    'the receiver has no limit',
  ];
  expect(skipped({})).toEqual([noLimit]);
  expect(skipped({ largestPayloadBytes: 1 })).toEqual([]);
  expect(skipped({ receiver: lesser })).toEqual([
    ['makes one request also when rejected, and says why', 'the receiver cannot reject'],
    noLimit,
  ]);
  expect(new Set(skipped({ reachesHosts: false, largestPayloadBytes: 1 }).map(([, skip]) => skip))).toEqual(
    new Set(['the kind reaches no host']),
  );
});

test('a subject says which of its values are secret, and its schema has to agree', async () => {
  const { url } = subjectOf(plainHttp).config as PlainHttpConfig;
  const secretUrl = subjectOf(plainHttp, { secretValues: [url] });
  expect(await failuresOf(secretUrl, /annotates every secret/)).toHaveLength(1);
  expect(await failuresOf(subjectOf(plainHttp, { secretValues: [token] }), /annotates every secret/)).toEqual([]);
  expect(plainHttpSchema.properties.token).toHaveProperty('secret', true);
});

test('each case ends the scope of its kind, also a case that fails', async () => {
  // A kind may keep for long what it began, such as a connection, and that keeps the scope which it was begun in.
  const entered = vi.spyOn(AsyncLocalStorage.prototype, 'run');
  const ended = vi.spyOn(AsyncLocalStorage.prototype, 'disable');
  onTestFinished(() => void vi.restoreAllMocks());
  const never = attempting(async () => ({ outcome: 'retry', reason: 'so it says' }));
  const failed = await failuresOf(
    subjectOf({ ...plainHttp, ...never() }),
    /delivers with one request|and is quick|reason, an error/,
  );
  expect(failed).toEqual([expect.stringMatching(/^delivers with one request/)]);
  const scopes = new Set(entered.mock.contexts);
  expect(scopes.size).toBe(3);
  expect([...scopes].filter((scope) => !ended.mock.contexts.includes(scope))).toEqual([]);
});

test('what the cases watch of Node is as before when they are over', async () => {
  const watched = () => [
    globalThis.setTimeout,
    globalThis.setInterval,
    console.log,
    Socket.prototype.connect,
    statSync,
  ];
  const listeners = () => process.eventNames().map((event) => [event, process.listeners(event as 'exit')]);
  const [before, listenersBefore] = [watched(), listeners()];
  const failing = { ...plainHttp, validate: () => [{ severity: 'error', pointer: '/url', message: 'no' } as const] };
  expect(await failuresOf(subjectOf(failing), /accepts a conf|neither|nobody listens|breaks|nothing more/)).not.toEqual(
    [],
  );
  expect(watched()).toEqual(before);
  expect(listeners()).toEqual(listenersBefore);
});
