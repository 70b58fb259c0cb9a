import { once } from 'node:events';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import {
  type Assignment,
  type CoordinationEvent,
  PostgresCoordinator,
  type PostgresCoordinatorOptions,
} from '@aftercommit/persistence-postgres/coordination';
import { systemClock } from '@aftercommit/runtime-adapter';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startDroppingProxy } from '../packages/persistence-postgres/test/dropping-proxy.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

let server: PostgresServer;
let url: string;
let admin: Client;
let workers: Worker[] = [];
let databases = 0;

describe.skipIf(missingPostgres)('workers', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    databases += 1;
    url = await server.createDatabase(`coordination_${databases}`);
    const store = await PostgresStore.open(url);
    await store.close();
    admin = await connected(url);
  });

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.coordinator.close()));
    workers = [];
    await admin.end();
  });

  test('share the tasks evenly, to within one, and give some to one that comes later', async () => {
    const tasks = names(20);
    const [one, two] = await started(2, tasks);
    await even([one, two], 20);
    const [three] = await started(1, tasks);
    await even([one, two, three], 20);
    expect(one?.stops.every((reason) => reason === 'handed-over')).toBe(true);
  });

  test('hand everything over when they end, and others start it at once', async () => {
    const tasks = names(12);
    const [one, two] = await started(2, tasks);
    await even([one, two], 12);
    const startedAt = performance.now();
    await one.coordinator.close();
    await expect.poll(() => two.running.size, patience).toBe(12);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(one.stops.slice(-6)).toEqual(Array(6).fill('closing'));
    expect((await admin.query('SELECT id FROM worker')).rows).toHaveLength(1);
  });

  test('run a task that failed later, here or elsewhere, and wait longer each time', async () => {
    const [one] = await started(1, ['bad', 'good'], { failing: new Set(['bad']) });
    await expect.poll(() => one.waits('bad').length, patience).toBeGreaterThanOrEqual(2);
    const [first = 0, second = 0] = one.waits('bad');
    expect([Math.round(first / 100), Math.round(second / 100)]).toEqual([10, 20]);
    expect(one.running).toEqual(new Set(['good']));
    const { rows } = await admin.query("SELECT failures, reason FROM claim WHERE task = 'bad'");
    expect(rows).toMatchObject([{ failures: expect.any(Number), reason: 'it broke' }]);
  });

  test('claim only what they offer, and leave nothing to nobody', async () => {
    const [one] = await started(1, names(10));
    const [two] = await started(1, names(10, 5));
    await expect.poll(() => union([one, two]), patience).toEqual(new Set(names(15)));
    await expect.poll(() => Math.abs(one.running.size - two.running.size), patience).toBe(1);
    for (const task of one.running) expect(names(10)).toContain(task);
  });

  test('stop what is not offered any more, and start what is new', async () => {
    const [one] = await started(1, ['a', 'b']);
    await expect.poll(() => one.running, patience).toEqual(new Set(['a', 'b']));
    await one.coordinator.offer(['b', 'c']);
    await expect.poll(() => one.running, patience).toEqual(new Set(['b', 'c']));
    expect(one.stops).toEqual(['withdrawn']);
  });

  test('that are told to end while they join leave again', async () => {
    const worker = new Worker({});
    workers.push(worker);
    const joining = worker.coordinator.offer(names(3));
    await worker.coordinator.close();
    await joining;
    expect((await admin.query('SELECT id FROM worker')).rows).toEqual([]);
    expect(worker.running.size).toBe(0);
  });

  test('end whenever they are told to, with everything that they had claimed by then', async () => {
    for (let turns = 0; turns < 40; turns += 2) {
      const worker = new Worker({});
      workers.push(worker);
      await worker.coordinator.offer(names(3));
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await worker.coordinator.close();
      expect(worker.running.size).toBe(0);
    }
    expect((await admin.query('SELECT task FROM claim WHERE worker IS NOT NULL')).rows).toEqual([]);
  });

  test('say why when they cannot join, and start nothing', async () => {
    const worker = new Worker({ url: 'postgres://somebody:hunter2@127.0.0.1:1/nothing' });
    const refused = await worker.coordinator.offer(names(3)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') });
    expect(String(refused)).not.toContain('hunter2');
    await worker.coordinator.close();
  });

  test('leave nothing to a worker that is gone, however it went', async () => {
    const [one, two] = await started(2, names(6));
    await even([one, two], 6);
    await admin.query('DELETE FROM worker WHERE id = (SELECT min(id) FROM worker)');
    await expect
      .poll(() => [...one.events, ...two.events].filter(({ event }) => event === 'joined').length, patience)
      .toBe(3);
    await even([one, two], 6);
  });

  test('keep their tasks when their connections are ended', async () => {
    const [one, two] = await started(2, names(8));
    await even([one, two], 8);
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'aftercommit worker'",
    );
    await expect.poll(() => one.events.some(({ event }) => event === 'reconnected'), patience).toBe(true);
    await even([one, two], 8);
  });

  test('go on after the server was started again', async () => {
    const [one, two] = await started(2, names(8));
    await even([one, two], 8);
    await admin.end();
    await server.kill();
    await server.start();
    admin = await connected(url);
    await even([one, two], 8);
    // Nobody takes another one for dead because the server was.
    expect([...one.events, ...two.events].filter(({ event }) => event === 'worker-gone')).toEqual([]);
  });

  test('that the network has cut off stop by themselves when others may have taken over', async () => {
    const proxy = await startDroppingProxy(server.port);
    const [cut] = await started(1, names(6), { url: url.replace(String(server.port), String(proxy.port)), ttlMs: 600 });
    const [one] = await started(1, names(6), { ttlMs: 600 });
    await even([cut, one], 6);
    proxy.part();
    await expect.poll(() => one.running.size, patience).toBe(6);
    await expect.poll(() => cut.running.size, patience).toBe(0);
    expect(cut.stops.slice(-3)).toEqual(['lost', 'lost', 'lost']);
    proxy.heal();
    await even([cut, one], 6);
    await cut.coordinator.close();
    await proxy.close();
  });
});

/** Machines that do other things as well take their time. */
const patience = { timeout: 10_000, interval: 10 };

type Given = Partial<PostgresCoordinatorOptions> & { failing?: ReadonlySet<string> };

/** A process that shares tasks, without one of its own: its tasks run until they are told to stop. */
class Worker {
  readonly running = new Set<string>();
  readonly stops: unknown[] = [];
  readonly events: CoordinationEvent[] = [];
  readonly coordinator: PostgresCoordinator;
  readonly #failing: ReadonlySet<string>;

  constructor({ failing = new Set(), ...given }: Given) {
    this.#failing = failing;
    this.coordinator = new PostgresCoordinator({
      url,
      clock: systemClock,
      observe: (event) => this.events.push(event),
      run: (assignment) => this.#run(assignment),
      ...given,
    });
  }

  async #run({ task, stop }: Assignment): ReturnType<PostgresCoordinatorOptions['run']> {
    if (this.#failing.has(task)) return { ended: 'failed', reason: 'it broke' };
    this.running.add(task);
    if (!stop.aborted) await once(stop, 'abort');
    this.running.delete(task);
    this.stops.push(stop.reason);
    return { ended: 'stopped' };
  }

  /** How long a task was to wait after each failure. */
  waits(task: string): number[] {
    return this.events.flatMap((event) => (event.event === 'released' && event.task === task ? [event.retryInMs] : []));
  }
}

async function started<Count extends 1 | 2>(
  count: Count,
  tasks: string[],
  given: Given = {},
): Promise<Count extends 1 ? [Worker] : [Worker, Worker]> {
  const fresh = Array.from({ length: count }, () => new Worker(given));
  workers.push(...fresh);
  await Promise.all(fresh.map(({ coordinator }) => coordinator.offer(tasks)));
  return fresh as Count extends 1 ? [Worker] : [Worker, Worker];
}

function names(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_none, index) => `task-${from + index}`);
}

function union(of: Worker[]): Set<string> {
  return new Set(of.flatMap(({ running }) => [...running]));
}

/** Each task runs once, and none has two more than another. */
async function even(of: Worker[], count: number): Promise<void> {
  const wanted = of.map((_none, index) => Math.floor(count / of.length) + (index < count % of.length ? 1 : 0));
  await expect
    .poll(() => [union(of).size, ...of.map(({ running }) => running.size).sort((one, other) => other - one)], {
      timeout: 10_000,
    })
    .toEqual([count, ...wanted]);
}

async function connected(to: string): Promise<Client> {
  const client = new Client({ connectionString: to });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('SET search_path = aftercommit');
  return client;
}
