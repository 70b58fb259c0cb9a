import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ReceivedRequest, type Receiver, seededRandom, startReceiver } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CommandLineRun, type RunResult, startAftercommit } from './aftercommit-run.js';
import { WeatherSpec } from './weather-spec.js';

// More with: AFTERCOMMIT_ZOMBIES=50 AFTERCOMMIT_SEED=7 npx -y pnpm@12 test tests/two-processes.test.ts
const zombies = Number(process.env['AFTERCOMMIT_ZOMBIES'] ?? 3);
const seed = Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now() % 1_000_000);

const template = '{"run": "{{run_id}}", "docs": {{docs_total}}}';
let receiver: Receiver;
let spec: WeatherSpec;
let runs: CommandLineRun[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(() => receiver.stop());

beforeEach(async () => {
  await receiver.clear();
  spec = await WeatherSpec.create();
});

afterEach(async () => {
  // One that a failed test left behind may stand still.
  for (const { process } of runs) process.kill('SIGKILL');
  await Promise.all(runs.map(({ ended }) => ended));
  runs = [];
  await spec.remove();
});

describe('of two runs of one task', () => {
  test('the older one gives way though it has nothing to do', async () => {
    await spec.write({ dbt: hook('/dbt') });
    await spec.addDays(1, 1);
    const older = start('--follow');
    await receiver.waitFor(1);
    await older.until('delivered');

    expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });

    expectFenced(await older.ended);
    expect(await receiver.requests()).toHaveLength(1);
  });

  test('the newer one delivers what the older one had in flight', async () => {
    await receiver.respond('/dbt', [{ hang: true }, {}]);
    await spec.write({ dbt: hook('/dbt') }, { maxDocs: 1 });
    await spec.addDays(1, 2);
    const older = start('--follow');
    const [inFlight] = await receiver.waitFor(1);

    expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });

    expectFenced(await older.ended);
    const requests = await receiver.requests();
    expect(requests.map(({ idempotencyKey }) => idempotencyKey).slice(0, 2)).toEqual(
      Array(2).fill(inFlight?.idempotencyKey),
    );
    expect(requests).toHaveLength(3);
    expectAllDelivered(requests, 2);
    const epochs = requests.map(({ headers }) => BigInt(headers['aftercommit-epoch'] ?? 0));
    expect((epochs[1] ?? 0n) > (epochs[0] ?? 0n)).toBe(true);
  });

  test('the older one, when it goes on after standing still, clears nothing that it delivers late', async () => {
    await receiver.respond('/dbt', [{ delayMs: 300 }, { status: 503 }, {}]);
    await spec.write({ dbt: { ...hook('/dbt'), maxAttempts: 1 } });
    await spec.addDays(1, 1);
    const older = start();
    await receiver.waitFor(1);
    await freeze(older);
    const newer = await spec.run();
    expect(newer).toMatchObject({ exitCode: 1 });

    older.process.kill('SIGCONT');

    expectFenced(await older.ended);
    expect(await spec.run('--retry-now')).toMatchObject({ exitCode: 0, stderr: '' });
    const requests = await receiver.requests();
    expect(requests).toHaveLength(3);
    expectAllDelivered(requests, 1);
  });

  test('that start at once, one does the work', async () => {
    await spec.write({ dbt: hook('/dbt') }, { maxDocs: 1 });
    await spec.addDays(1, 20);

    const results = await Promise.all([start().ended, start().ended]);

    // Both are done when one came after the other had ended.
    const others = results.filter(({ exitCode }) => exitCode !== 0);
    expect(others.length).toBeLessThanOrEqual(1);
    for (const other of others) expectFenced(other);
    expect(spec.days()).toHaveLength(20);
    expectAllDelivered(await receiver.requests(), 20);
  });
});

describe.each(['endpoint', 'store'] as const)('with the runtime checkpoint at the %s', (runtimeCheckpointOwner) => {
  test(`${zombies} runs that stood still at random moments change nothing when they go on (seed ${seed})`, async () => {
    const random = seededRandom(`${runtimeCheckpointOwner} ${seed}`);
    await receiver.respond('/dbt', [{ delayMs: 15 }]);
    await receiver.respond('/slack', [{ delayMs: 5 }]);
    const triggers = { dbt: hook('/dbt'), slack: hook('/slack') };
    await spec.write(triggers, { maxDocs: 1, endpoint: { runtimeCheckpointOwner } });
    const docs = 15;
    for (let zombie = 1; zombie <= zombies; zombie += 1) {
      await spec.addDays((zombie - 1) * docs + 1, docs);
      const frozen = start('--follow');
      await frozen.afterEvents(1 + Math.floor(random.fraction() * 40));
      await delay(random.fraction() * 20);
      await freeze(frozen);

      expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
      const before = await receiver.requests();
      frozen.process.kill('SIGCONT');

      expectFenced(await frozen.ended);
      expect(spec.days()).toHaveLength(zombie * docs);
      for (const path of ['/dbt', '/slack']) {
        const after = await receiver.requests(path);
        expectAllDelivered(after, zombie * docs);
        // I5: a late attempt of the zombie, at most one per lane.
        expect(after.length - before.filter((one) => one.path === path).length).toBeLessThanOrEqual(1);
      }
    }
  });
});

/**
 * Lets a run stand still, but not within a write: it would keep the database to itself, and nobody can take that away
 * (STORE_LOCKED, ENDPOINT_LOCKED).
 */
async function freeze({ process }: CommandLineRun): Promise<void> {
  for (;;) {
    process.kill('SIGSTOP');
    await delay(10);
    if (isFree(spec.state) && isFree(spec.endpoint)) return;
    process.kill('SIGCONT');
    await delay(3);
  }
}

function isFree(database: string): boolean {
  const connection = new Database(join(spec.folder, database), { timeout: 0 });
  try {
    connection.exec('BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') return false;
    throw error;
  } finally {
    connection.close();
  }
}

function hook(path: string): { url: string; payloadTemplate: string } {
  return { url: `${receiver.url}${path}`, payloadTemplate: template };
}

type WatchedRun = CommandLineRun & {
  /** Resolves when there was such an event. */
  until(event: string): Promise<void>;
  /** Resolves when there were so many events, or it ended before. */
  afterEvents(count: number): Promise<void>;
};

function start(...args: string[]): WatchedRun {
  const seen: string[] = [];
  let check = (): void => undefined;
  const run = startAftercommit(['run', spec.path, '--json', ...args], {
    onEvent: ({ event }) => {
      seen.push(event);
      check();
    },
  });
  runs.push(run);
  const seeing = async (holds: () => boolean): Promise<void> => {
    await new Promise<void>((resolve) => {
      check = () => {
        if (holds()) resolve();
      };
      check();
    });
  };
  return {
    ...run,
    until: (event) => seeing(() => seen.includes(event)),
    afterEvents: (count) => seeing(() => seen.length >= count),
  };
}

function expectFenced({ exitCode, events, stderr }: RunResult): void {
  expect(exitCode, stderr).toBe(4);
  expect(events.filter(({ event }) => event === 'failed')).toMatchObject([
    { code: expect.stringMatching(/^(STORE|ENDPOINT)_FENCED$/) },
  ]);
  expect(stderr).toContain('Another run of this materialization was started and goes on.');
}

/** Every run's documents are there once; what came twice is the same, and first arrivals are in order. */
function expectAllDelivered(requests: ReceivedRequest[], docs: number): void {
  const first = new Map<string, ReceivedRequest>();
  let total = 0;
  for (const request of requests) {
    const { run, docs: count }: { run: string; docs: number } = JSON.parse(request.body);
    const known = first.get(run);
    if (known === undefined) {
      expect(run > ([...first.keys()].at(-1) ?? '')).toBe(true);
      first.set(run, request);
      total += count;
    } else {
      expect([request.body, request.idempotencyKey]).toEqual([known.body, known.idempotencyKey]);
    }
  }
  expect(total).toBe(docs);
}
