import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import { seededRandom } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundleProgram } from './bundle-program.js';
import { isEverythingDelivered, type Thing, violationsOf } from './fleet/fleet-checks.js';
import { FleetReceiver } from './fleet/fleet-receiver.js';
import type { HostOptions } from './fleet/host-options.js';
import { HostProcess } from './fleet/host-process.js';
import { makeNamespace, missingNamespaces, type NetworkNamespace } from './servers/network-namespace.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

const tasks = Array.from({ length: 8 }, (_none, index) => `acmeCo/task-${index}`);
const half = tasks.length / 2;
const hourMs = 3_600_000;
const ttlMs = 1_200;

let server: PostgresServer;
let elsewhere: NetworkNamespace | undefined;
let folder: string;
let receiver: FleetReceiver;
let program: string;
let url: string;
let client: Client;
let hosts: HostProcess[] = [];
let databases = 0;

describe.skipIf(missingPostgres)('of two hosts whose clocks are two hours apart, the other one goes on', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aftercommit-zombies-'));
    elsewhere = missingNamespaces === undefined ? makeNamespace() : undefined;
    [server, program] = await Promise.all([
      startPostgres(elsewhere === undefined ? {} : reachableFrom(elsewhere)),
      bundleProgram('tests/fleet/fleet-host.ts', 'zombie-host'),
    ]);
  });

  afterAll(async () => {
    await server?.stop();
    elsewhere?.remove();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    databases += 1;
    url = await server.createDatabase(`zombies_${databases}`);
    receiver = await FleetReceiver.start(seededRandom('zombies'), elsewhere?.address);
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
    // It takes longest when the lease has just been renewed.
    await renewed(frozen);
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

  test('when the cable of one is pulled: that one stops before the other one begins, and comes back with the cable', async ({
    skip,
  }) => {
    if (elsewhere === undefined) return skip(missingNamespaces);
    // Long enough that the server, if it gave the connection up sooner, would do so before the lease is over.
    const leaseMs = 3_000;
    const cut = startIn(elsewhere, { ttlMs: leaseMs, clockSkewMs: hourMs });
    const other = await start({ ttlMs: leaseMs, clockSkewMs: -hourMs });
    await until(() => cut.owned.size === half && other.owned.size === half);
    await commits(2);
    const earlier = other.events.length;
    elsewhere.unplug();
    await until(() => other.owned.size === tasks.length && cut.owned.size === 0);
    const stoppedAt = cut.events.filter(({ event }) => event === 'lost').map(({ atMs }) => atMs);
    const begunAt = other.events.slice(earlier).filter(({ event }) => event === 'claimed');
    expect([stoppedAt.length, begunAt.length]).toEqual([half, half]);
    expect(Math.max(...stoppedAt)).toBeLessThan(Math.min(...begunAt.map(({ atMs }) => atMs)));
    expect(other.events).toContainEqual(expect.objectContaining({ event: 'worker-gone', why: 'lease-over' }));
    await commits(3);
    elsewhere.plugIn();
    await until(() => cut.owned.size === half && other.owned.size === half);
    await commits(2);
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

/** Waits until a host renews its lease. */
async function renewed({ events }: HostProcess): Promise<void> {
  const [worker] = events.flatMap((event) => (event.event === 'joined' ? [event.worker] : []));
  const lease = async (): Promise<string> =>
    (await client.query('SELECT lease_until::text AS at FROM aftercommit.worker WHERE id = $1', [worker])).rows[0].at;
  const before = await lease();
  await until(async () => (await lease()) !== before);
}

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
  const started = await HostProcess.start(program, server.port, optionsOf(given));
  hosts.push(started);
  return started;
}

function startIn({ command, address }: NetworkNamespace, given: Partial<HostOptions>): HostProcess {
  const options = optionsOf({ ...given, url: url.replace('127.0.0.1', address) });
  const started = HostProcess.startBehind(command, program, options);
  hosts.push(started);
  return started;
}

function optionsOf(given: Partial<HostOptions>): HostOptions {
  const options = { url, receiver: receiver.url, tasks, clockSkewMs: 0, commitEveryMs: 40, ttlMs, isDraining: false };
  return { ...options, ...given };
}

/** The settings of a server that also listens there, and believes whoever is on that network. */
function reachableFrom({ address, network }: NetworkNamespace): Record<string, string> {
  const rules = join(folder, 'pg_hba.conf');
  // The server is run by another user.
  chmodSync(folder, 0o755);
  writeFileSync(rules, ['127.0.0.1/32', network].map((from) => `host all all ${from} trust\n`).join(''));
  return { listen_addresses: `127.0.0.1,${address}`, hba_file: rules };
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
