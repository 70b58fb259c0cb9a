import { PostgresStore } from '@aftercommit/persistence-postgres';
import { seededRandom } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundleProgram } from './bundle-program.js';
import { isEverythingDelivered, type Thing, violationsOf } from './fleet/fleet-checks.js';
import { FleetReceiver } from './fleet/fleet-receiver.js';
import type { HostOptions } from './fleet/host-options.js';
import { HostProcess } from './fleet/host-process.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

const tasks = Array.from({ length: 8 }, (_none, index) => `acmeCo/task-${index}`);
const half = tasks.length / 2;
const hourMs = 3_600_000;
const ttlMs = 1_200;

let server: PostgresServer;
let receiver: FleetReceiver;
let program: string;
let url: string;
let client: Client;
let hosts: HostProcess[] = [];
let databases = 0;

describe.skipIf(missingPostgres)('of two hosts whose clocks are two hours apart, the other one goes on', () => {
  beforeAll(async () => {
    [server, program] = await Promise.all([startPostgres(), bundleProgram('tests/fleet/fleet-host.ts', 'zombie-host')]);
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    databases += 1;
    url = await server.createDatabase(`zombies_${databases}`);
    receiver = await FleetReceiver.start(seededRandom('zombies'));
    client = new Client({ connectionString: url });
    await client.connect();
    await client.query('CREATE TABLE thing (task text NOT NULL, number integer NOT NULL, run_id text NOT NULL)');
  });

  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.end('SIGKILL')));
    await client.end();
    await receiver.stop();
  });

  test('when one stands still, within its lease; and the zombie changes nothing when it goes on', async () => {
    // A tenth of it is what the other one has for starting its tasks: too little on a busy machine if it were shorter.
    const leaseMs = 3_000;
    const [frozen, other] = await startTwo({ ttlMs: leaseMs });
    const frozenAt = performance.now();
    frozen.signal('SIGSTOP');
    await until(() => other.owned.size === tasks.length);
    expect(Math.max(...other.seenAt) - frozenAt).toBeLessThan(leaseMs);
    await commits(5);
    frozen.signal('SIGCONT');
    await until(() => isLost(frozen));
    await commits(3);
    expect(await violations()).toEqual([]);
  });

  test('when one stands still with its transaction open, all written: it lets go of it, and cannot commit it any more', async () => {
    const frozen = await start({ freezeBeforeCommit: 'acmeCo/task-0/3', clockSkewMs: hourMs });
    await until(() => frozen.owned.size === tasks.length);
    const other = await start({ clockSkewMs: -hourMs });
    await until(() => other.owned.size === tasks.length);
    await commits(5);
    frozen.signal('SIGCONT');
    await until(() => isLost(frozen));
    await commits(3);
    expect(await violations()).toEqual([]);
  });

  test('when one is killed, at once', async () => {
    const [killed, other] = await startTwo();
    const killedAt = performance.now();
    killed.signal('SIGKILL');
    await until(() => other.owned.size === tasks.length);
    expect(performance.now() - killedAt).toBeLessThan(3_000);
    expect(other.events).toContainEqual(expect.objectContaining({ event: 'worker-gone', why: 'connection-ended' }));
    expect(await violations()).toEqual([]);
  });
});

function isLost({ events }: HostProcess): boolean {
  return events.some(({ event }) => event === 'lost');
}

async function startTwo(given: Partial<HostOptions> = {}): Promise<[HostProcess, HostProcess]> {
  const pair: [HostProcess, HostProcess] = [
    await start({ ...given, clockSkewMs: hourMs }),
    await start({ ...given, clockSkewMs: -hourMs }),
  ];
  await until(() => pair.every(({ owned }) => owned.size === half));
  await commits(2);
  return pair;
}

async function start(given: Partial<HostOptions>): Promise<HostProcess> {
  const options = { url, receiver: receiver.url, tasks, clockSkewMs: 0, commitEveryMs: 40, ttlMs, isDraining: false };
  const started = await HostProcess.start(program, server.port, { ...options, ...given });
  hosts.push(started);
  return started;
}

/** Waits until each task has so many commits more than now. */
async function commits(more: number): Promise<void> {
  const wanted = new Map((await counts()).map(({ task, count }) => [task, count + more]));
  await until(async () => {
    const now = new Map((await counts()).map(({ task, count }) => [task, count]));
    return tasks.every((task) => (now.get(task) ?? 0) >= (wanted.get(task) ?? more));
  });
}

async function counts(): Promise<Array<{ task: string; count: number }>> {
  return (await client.query('SELECT task, count(*)::integer FROM thing GROUP BY task')).rows;
}

/** Once all is delivered. */
async function violations(): Promise<string[]> {
  await Promise.all(hosts.splice(0).map((host) => host.end('SIGTERM')));
  const drain = await start({ isDraining: true });
  const store = await PostgresStore.open(url);
  await until(async () => (await Promise.all(tasks.map((task) => isEverythingDelivered(store, task)))).every(Boolean));
  await drain.end('SIGTERM');
  hosts = [];
  const { rows } = await client.query<Thing>('SELECT task, number, run_id FROM thing');
  const found = await violationsOf(tasks, { things: rows, accepted: receiver.accepted, store });
  await store.close();
  return found;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 30_000, interval: 20 }).toBe(true);
}
