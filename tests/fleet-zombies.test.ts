import { PostgresStore } from '@aftercommit/persistence-postgres';
import { seededRandom } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mutate } from '../simulation/mutate.js';
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

/** The store without its fence: whoever writes is believed. */
const withoutFence = mutate({
  mistake: 'checks neither owner nor epoch',
  breaks: [],
  changes: [
    {
      file: 'packages/persistence-postgres/src/migrations.ts',
      from: 'WHERE known.task = tasks[1] AND known.owner = owners[1] AND known.epoch = epochs[1] FOR UPDATE',
      to: 'WHERE known.task = tasks[1] FOR UPDATE',
    },
  ],
});

let server: PostgresServer;
let receiver: FleetReceiver;
let program: string;
let unfenced: string;
let url: string;
let client: Client;
let hosts: HostProcess[] = [];
let databases = 0;

describe.skipIf(missingPostgres)('of two hosts whose clocks are two hours apart, the other one goes on', () => {
  beforeAll(async () => {
    [server, program, unfenced] = await Promise.all([
      startPostgres(),
      bundleProgram('tests/fleet/fleet-host.ts', 'zombie-host'),
      bundleProgram('tests/fleet/fleet-host.ts', 'unfenced-host', [withoutFence]),
    ]);
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
    const frozenAt = performance.now();
    await standStillAndGoOn(program, () => expect(performance.now() - frozenAt).toBeLessThan(ttlMs + 5_000));
    expect(await violations()).toEqual([]);
  });

  test('when one stands still; and a store without its fence is caught when the zombie goes on', async () => {
    await standStillAndGoOn(unfenced);
    expect(await violations()).not.toEqual([]);
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
    const [killed, other] = await startTwo(program);
    const killedAt = performance.now();
    killed.signal('SIGKILL');
    await until(() => other.owned.size === tasks.length);
    expect(performance.now() - killedAt).toBeLessThan(3_000);
    expect(other.events).toContainEqual(expect.objectContaining({ event: 'worker-gone', why: 'connection-ended' }));
    expect(await violations()).toEqual([]);
  });
});

/** One is frozen, and goes on when the other one has taken over and committed. */
async function standStillAndGoOn(host: string, onTakenOver: () => void = () => undefined): Promise<void> {
  const [frozen, other] = await startTwo(host);
  frozen.signal('SIGSTOP');
  await until(() => other.owned.size === tasks.length);
  onTakenOver();
  await commits(5);
  frozen.signal('SIGCONT');
  await until(() => isLost(frozen));
  await commits(3);
}

function isLost({ events }: HostProcess): boolean {
  return events.some(({ event }) => event === 'lost');
}

async function startTwo(host: string): Promise<[HostProcess, HostProcess]> {
  const pair: [HostProcess, HostProcess] = [
    await start({ clockSkewMs: hourMs }, host),
    await start({ clockSkewMs: -hourMs }, host),
  ];
  await until(() => pair.every(({ owned }) => owned.size === half));
  await commits(2);
  return pair;
}

async function start(given: Partial<HostOptions>, host = program): Promise<HostProcess> {
  const options = { url, receiver: receiver.url, tasks, clockSkewMs: 0, commitEveryMs: 40, ttlMs, isDraining: false };
  const started = await HostProcess.start(host, server.port, { ...options, ...given });
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
