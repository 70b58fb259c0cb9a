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

const tasks = ['acmeCo/task-0', 'acmeCo/task-1'];
const hourMs = 3_600_000;
const ttlMs = 800;

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
    const [ahead, behind] = await startTwo();
    ahead.signal('SIGSTOP');
    const frozenAt = performance.now();
    await until(() => behind.owned.size === 2);
    expect(performance.now() - frozenAt).toBeLessThan(ttlMs + 3_000);
    await commits(5);
    ahead.signal('SIGCONT');
    await until(() => ahead.events.some(({ event }) => event === 'lost') && ahead.owned.size === 1);
    await commits(5);
    await expectConsistent();
  });

  test('when one stands still with its transaction open, all written: it lets go of it, and cannot commit it any more', async () => {
    const frozen = await start({ freezeBeforeCommit: 'acmeCo/task-0/3', clockSkewMs: hourMs });
    await until(() => frozen.owned.size === 2);
    const other = await start({ clockSkewMs: -hourMs });
    await until(() => other.owned.size === 2);
    await commits(5);
    frozen.signal('SIGCONT');
    await until(() => frozen.owned.size === 1);
    await expectConsistent();
  });

  test('when one is killed, at once', async () => {
    const [killed, other] = await startTwo();
    const killedAt = performance.now();
    killed.signal('SIGKILL');
    await until(() => other.owned.size === 2);
    expect(performance.now() - killedAt).toBeLessThan(3_000);
    expect(other.events).toContainEqual(expect.objectContaining({ event: 'worker-gone', why: 'connection-ended' }));
    await expectConsistent();
  });
});

async function startTwo(): Promise<[HostProcess, HostProcess]> {
  const pair: [HostProcess, HostProcess] = [
    await start({ clockSkewMs: hourMs }),
    await start({ clockSkewMs: -hourMs }),
  ];
  await until(() => pair.every(({ owned }) => owned.size === 1));
  await commits(2);
  return pair;
}

async function start(given: Partial<HostOptions>): Promise<HostProcess> {
  const options = { url, receiver: receiver.url, tasks, clockSkewMs: 0, commitEveryMs: 40, ttlMs, isDraining: false };
  const host = await HostProcess.start(program, server.port, { ...options, ...given });
  hosts.push(host);
  return host;
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

async function expectConsistent(): Promise<void> {
  await Promise.all(hosts.splice(0).map((host) => host.end('SIGTERM')));
  const drain = await start({ isDraining: true });
  const store = await PostgresStore.open(url);
  await until(async () => (await Promise.all(tasks.map((task) => isEverythingDelivered(store, task)))).every(Boolean));
  await drain.end('SIGTERM');
  hosts = [];
  const { rows } = await client.query<Thing>('SELECT task, number, run_id FROM thing');
  expect(await violationsOf(tasks, { things: rows, accepted: receiver.accepted, store })).toEqual([]);
  await store.close();
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 30_000, interval: 20 }).toBe(true);
}
