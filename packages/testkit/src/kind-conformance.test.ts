import { Agent, request } from 'node:http';
import { type Attempt, type AttemptOutcome, defineTriggerKind, type Trigger } from '@aftercommit/registry';
import Type from 'typebox';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kindConformance } from './kind-conformance.js';
import type { KindSubject } from './kind-subject.js';
import { type Receiver, startReceiver } from './receiver.js';

const schema = Type.Object({
  url: Type.String({ title: 'URL', description: 'Where it goes.' }),
  token: Type.Optional(Type.String({ title: 'Token', description: 'Who we are.', secret: true })),
});

/** One request, said as plainly as Node allows; what each broken kind below breaks. */
function post(url: string, { payload, idempotencyKey, signal }: Attempt, agent?: Agent): Promise<AttemptOutcome> {
  return new Promise((resolve, reject) => {
    const headers = { 'webhook-id': idempotencyKey };
    const sent = request(url, { method: 'POST', headers, signal, agent: agent ?? false }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      if (status < 300) resolve({ outcome: 'delivered' });
      else resolve({ outcome: status < 500 ? 'rejected' : 'retry', reason: `HTTP ${status}` });
    });
    sent.once('error', reject);
    sent.end(payload);
  });
}

type Open = (config: { url: string; token?: string }) => Promise<Trigger>;
const soundOpen: Open = async ({ url }) => ({ attempt: (attempt) => post(url, attempt) });
const attempting = (attempt: (url: string, attempt: Attempt) => Promise<AttemptOutcome>): Open => {
  return async ({ url }) => ({ attempt: (given) => attempt(url, given) });
};

function kindWith(open: Open, changed: { describeTarget?: (config: { url: string; token?: string }) => string } = {}) {
  return defineTriggerKind({
    contractVersion: 1,
    kind: 'plain-http',
    configSchema: schema,
    describeTarget: ({ url }) => new URL(url).origin,
    open,
    ...changed,
  });
}

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.clear());

function subjectOf(kind: KindSubject['kind'], changed: Partial<KindSubject> = {}): KindSubject {
  const respond = (response: Parameters<Receiver['respond']>[1][number]) => receiver.respond('/in', [response]);
  return {
    kind,
    config: { url: `${receiver.url}/in`, token: 's3cret' },
    receiver: {
      received: async () =>
        (await receiver.requests()).map(({ rawBody, idempotencyKey }) => ({
          payload: rawBody,
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        })),
      accept: () => respond({ status: 200 }),
      refuse: () => respond({ status: 503 }),
      reject: () => respond({ status: 400 }),
      hang: () => respond({ hang: true }),
    },
    patienceMs: 300,
    ...changed,
  };
}

/** The titles of the cases that fail, of all or of those that a pattern names. */
async function failures(subject: KindSubject, pattern = /./): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, run, skip } of kindConformance(subject)) {
    if (skip !== undefined || !pattern.test(title)) continue;
    await run().catch(() => failed.push(title));
  }
  return failed;
}

describe('the conformance of kinds', () => {
  test('finds nothing wrong with a sound kind', async () => {
    expect(await failures(subjectOf(kindWith(soundOpen), { patienceMs: 5000 }))).toEqual([]);
  });

  test('has a title of its own for every case, and skips what the receiver cannot do', () => {
    const subject = subjectOf(kindWith(soundOpen));
    const { reject: _, ...lesser } = subject.receiver;
    const cases = kindConformance({ ...subject, receiver: lesser });
    expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
    expect(cases.filter(({ skip }) => skip !== undefined).map(({ title }) => title)).toEqual([
      'makes one request also when rejected, and says why',
    ]);
  });
});

describe('a kind is caught that', () => {
  const caught: Array<[what: string, open: Open, title: RegExp]> = [
    [
      'retries by itself',
      attempting(async (url, attempt) => {
        const first = await post(url, attempt);
        return first.outcome === 'retry' ? post(url, attempt) : first;
      }),
      /one request per attempt also when refused/,
    ],
    [
      'ignores its signal',
      attempting((url, attempt) => post(url, { ...attempt, signal: new AbortController().signal })),
      /settles at once when the signal aborts, and/,
    ],
    [
      'takes an abort for a delivery',
      attempting((url, attempt) => post(url, attempt).catch(() => ({ outcome: 'delivered' }) as const)),
      /when the signal aborts, and claims no delivery/,
    ],
    [
      'contacts the receiver when it is opened',
      async ({ url }) => {
        await fetch(url, { method: 'HEAD' });
        return soundOpen({ url });
      },
      /opens without contacting anybody/,
    ],
    [
      'loses bytes',
      attempting((url, attempt) => post(url, { ...attempt, payload: attempt.payload.replace('🐙', '?') })),
      /exactly the UTF-8 bytes/,
    ],
    [
      'cuts long payloads',
      attempting((url, attempt) => post(url, { ...attempt, payload: attempt.payload.slice(0, 100_000) })),
      /exactly the UTF-8 bytes/,
    ],
    [
      'changes the idempotency key',
      attempting((url, attempt) =>
        post(url, { ...attempt, idempotencyKey: `${attempt.idempotencyKey}-${attempt.number}` }),
      ),
      /same idempotency key/,
    ],
    [
      'calls a refusal a delivery',
      attempting(async (url, attempt) => {
        await post(url, attempt);
        return { outcome: 'delivered' };
      }),
      /refused/,
    ],
    [
      'gives no reason',
      attempting(async (url, attempt) => {
        const outcome = await post(url, attempt);
        return outcome.outcome === 'delivered' ? outcome : { ...outcome, reason: '' };
      }),
      /refused/,
    ],
    [
      'throws what is no error',
      attempting(async (url, attempt) => {
        const outcome = await post(url, attempt);
        if (outcome.outcome !== 'delivered') throw outcome.reason;
        return outcome;
      }),
      /refused/,
    ],
    [
      'mixes up attempts that run at the same time',
      async ({ url }) => {
        let latest: Attempt | undefined;
        return {
          async attempt(attempt) {
            latest = attempt;
            await new Promise((resolve) => setImmediate(resolve));
            return post(url, latest);
          },
        };
      },
      /at the same time/,
    ],
    [
      'fails for ever after one failure',
      async ({ url }) => {
        let failed = false;
        return {
          async attempt(attempt) {
            if (failed) return { outcome: 'retry', reason: 'broken' };
            const outcome = await post(url, attempt);
            failed = outcome.outcome === 'retry';
            return outcome;
          },
        };
      },
      /delivers after attempts that failed/,
    ],
  ];

  test.each(caught)('%s', async (_what, open, title) => {
    expect(await failures(subjectOf(kindWith(open)), title)).toHaveLength(1);
  });

  test('never closes what it opened', async () => {
    const timers: NodeJS.Timeout[] = [];
    const open: Open = async ({ url }) => {
      timers.push(setInterval(() => undefined, 60_000));
      return soundOpen({ url });
    };
    expect(await failures(subjectOf(kindWith(open)), /keeps the process alive/)).toHaveLength(1);
    for (const timer of timers) clearInterval(timer);
  });

  test('closes what another trigger uses', async () => {
    let agent: Agent | undefined;
    const open: Open = async ({ url }) => {
      agent ??= new Agent({ keepAlive: true });
      return {
        attempt: (attempt) => (agent === undefined ? Promise.reject(new Error('closed')) : post(url, attempt, agent)),
        async close() {
          agent?.destroy();
          agent = undefined;
        },
      };
    };
    expect(await failures(subjectOf(kindWith(open)), /another trigger/)).toHaveLength(1);
  });

  test('shows its path, its query or a secret', async () => {
    for (const describeTarget of [
      ({ url }: { url: string }) => url,
      ({ url, token }: { url: string; token?: string }) => `${new URL(url).origin} as ${token}`,
    ]) {
      const subject = subjectOf(kindWith(soundOpen, { describeTarget }));
      expect(await failures(subject, /describes its target/)).toHaveLength(1);
    }
  });

  test('finds fault where there is none, or none where it is', async () => {
    const kind = kindWith(soundOpen);
    const fault = { severity: 'error', pointer: '/url', message: 'refused' } as const;
    const faultFinding = { ...kind, validate: () => [fault] };
    expect(await failures(subjectOf(faultFinding, { patienceMs: 5000 }))).toEqual([
      'accepts a configuration that works',
      'looks at a sealed configuration, whose secret values are absent, without finding fault',
    ]);
    const invalidConfigs = [{ config: { url: 'nowhere' }, pointer: '/url' }];
    expect(await failures(subjectOf(kind, { invalidConfigs, patienceMs: 5000 }))).toEqual([
      'finds what is wrong with invalid configurations, where it is',
    ]);
  });

  test('does not annotate a secret, or declares what every trigger has', async () => {
    const kind = kindWith(soundOpen);
    const secretUrl = subjectOf(kind, { secretValues: [`${receiver.url}/in`] });
    expect(await failures(secretUrl, /annotates every secret/)).toHaveLength(1);
    const { url } = schema.properties;
    const taken = { ...kind, configSchema: Type.Object({ url, timeout: url }) };
    expect(await failures(subjectOf(taken), /accepted by a registry/)).toHaveLength(1);
  });
});
