import { join } from 'node:path';
import { readOutboxes } from '@aftercommit/persistence/records';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { type ReceivedRequest, type Receiver, seededRandom, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAftercommit } from './aftercommit-run.js';
import { WeatherSpec } from './weather-spec.js';

// More with: AFTERCOMMIT_STOPS=200 AFTERCOMMIT_SEED=7 npx -y pnpm@12 test tests/graceful-stop.test.ts
const stops = Number(process.env['AFTERCOMMIT_STOPS'] ?? 6);
const seed = Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now() % 1_000_000);

const docs = 150;
const docsPerTransaction = 10;
const template = '{"run": "{{run_id}}", "docs": {{docs_total}}}';
let receiver: Receiver;
let spec: WeatherSpec;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(() => receiver.stop());

beforeEach(async () => {
  await receiver.clear();
  spec = await WeatherSpec.create();
});

afterEach(() => spec.remove());

describe.each(['endpoint', 'store'] as const)('with the runtime checkpoint at the %s', (runtimeCheckpointOwner) => {
  test(
    `${stops} stops at random moments lose nothing, repeat nothing, and cut no transaction in two (seed ${seed})`,
    async () => {
      const random = seededRandom(`${runtimeCheckpointOwner} ${seed}`);
      // Receivers that take their time: most moments lie within an attempt.
      await receiver.respond('/slack', [{ delayMs: 5 }]);
      await receiver.respond('/dbt', [{ delayMs: 25 }]);
      await receiver.respond('/audit', [{ delayMs: 10 }]);
      await spec.write(
        { slack: hook('/slack'), dbt: hook('/dbt'), audit: { ...hook('/audit'), onFailure: 'park' } },
        { maxDocs: docsPerTransaction, endpoint: { runtimeCheckpointOwner } },
      );
      let stopped = 0;
      for (let story = 1; stopped < stops; story += 1) {
        await spec.addDays((story - 1) * docs + 1, docs);
        while (await runAndMaybeStop(random.fraction, stopped < stops)) {
          stopped += 1;
          expect(spec.days().length % docsPerTransaction).toBe(0);
        }
        expect(spec.days()).toHaveLength(story * docs);
        for (const path of ['/slack', '/dbt', '/audit']) checkDeliveries(await receiver.requests(path), story * docs);
      }
    },
    60_000 + stops * 5_000,
  );
});

test('an attempt that nobody answers ends at its deadline, and the next start goes on behind it', async () => {
  await receiver.respond('/dbt', [{ hang: true }, {}]);
  await spec.write({ dbt: { ...hook('/dbt'), timeout: '700ms' } });
  await spec.addDays(1, 1);
  const run = startAftercommit(['run', spec.path, '--json']);
  const [request] = await receiver.waitFor(1);
  run.process.kill('SIGTERM');
  const { exitCode, events } = await run.ended;

  expect(exitCode).toBe(1);
  expect(events.slice(-2)).toMatchObject([
    { event: 'attempt', outcome: 'retry', reason: expect.stringContaining('700ms') },
    { event: 'ended', waiting: { dbt: 1 } },
  ]);
  expect(await storedAttempts()).toEqual([1]);
  expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  const [, second, ...more] = await receiver.requests();
  expect([second?.idempotencyKey, more]).toEqual([request?.idempotencyKey, []]);
});

test('an attempt that is accepted after the signal is stored as delivered, and no other begins', async () => {
  await receiver.respond('/dbt', [{ delayMs: 400 }]);
  await spec.write({ dbt: hook('/dbt') }, { maxDocs: 1 });
  await spec.addDays(1, 3);
  const run = startAftercommit(['run', spec.path, '--json']);
  await receiver.waitFor(1);
  run.process.kill('SIGTERM');
  const { exitCode, events } = await run.ended;

  // The transaction that was being read meanwhile is given up.
  expect({ exitCode, days: spec.days() }).toEqual({ exitCode: 0, days: [1] });
  expect(events.slice(-2)).toMatchObject([{ event: 'delivered' }, { event: 'ended', waiting: {} }]);
  await receiver.respond('/dbt', [{}]);
  expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  expect(spec.days()).toEqual([1, 2, 3]);
  checkDeliveries(await receiver.requests(), 3);
});

function hook(path: string): { url: string; payloadTemplate: string } {
  return { url: `${receiver.url}${path}`, payloadTemplate: template };
}

/** Stops the run a random while after its first sign of life; false: it came to its end before. */
async function runAndMaybeStop(fraction: () => number, mayStop: boolean): Promise<boolean> {
  const afterEvents = 1 + Math.floor(fraction() * 60);
  const extraMs = fraction() * 40;
  let isStopped = false;
  let seen = 0;
  const run = startAftercommit(['run', spec.path, '--json'], {
    onEvent: () => {
      seen += 1;
      if (!mayStop || seen !== afterEvents) return;
      setTimeout(() => {
        isStopped = run.process.kill('SIGTERM');
      }, extraMs);
    },
  });
  const { exitCode, stderr, events } = await run.ended;
  expect(events.at(-1)?.event).toBe('ended');
  expect(
    events.some(({ event }) => event === 'failed'),
    stderr,
  ).toBe(false);
  // 1: something that was due is left. Null: the signal came when everything was done and told.
  expect([0, 1, null], stderr).toContain(exitCode);
  if (exitCode === 1) expect(isStopped).toBe(true);
  return isStopped && stderr !== '';
}

/** All documents over distinct runs, each told once: an attempt in flight is ended and stored before a stopped run ends. */
function checkDeliveries(requests: ReceivedRequest[], total: number): void {
  const bodies = requests.map(({ body }): { run: string; docs: number } => JSON.parse(body));
  const runs = bodies.map(({ run }) => run);
  expect(runs).toEqual([...new Set(runs)].sort());
  expect(bodies.reduce((sum, one) => sum + one.docs, 0)).toBe(total);
  expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(runs.length);
}

async function storedAttempts(): Promise<Array<number | undefined>> {
  const store = SqliteStore.open(join(spec.folder, spec.state));
  const [task = ''] = await store.tasks();
  const outboxes = (await store.read(task)).filter(([key]) => key.startsWith('outbox/'));
  await store.close();
  return readOutboxes(outboxes).map(({ delivery }) => delivery?.attempts);
}
