import { WriteBatch } from '@aftercommit/persistence';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../../tests/servers/postgres-server.js';
import { PostgresStore } from '../postgres-store.js';
import { addTasks, claimTasks, type EndedClaim, readFreeTasks, releaseTasks } from './claim-rows.js';
import { WorkerConnection } from './worker-connection.js';
import {
  channel,
  joinWorkers,
  leaveWorkers,
  readServerRun,
  readWorkers,
  removeGone,
  renewLease,
} from './worker-rows.js';

const schema = 'aftercommit';
const tasks = Array.from({ length: 10_000 }, (_none, index) => `task-${String(index).padStart(5, '0')}`);
const [first = '', second = ''] = tasks;

/** A worker as the database knows it. */
type Worker = { connection: WorkerConnection; worker: number };

describe.skipIf(missingPostgres !== undefined)('claims in PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let store: PostgresStore;
  let admin: Client;
  let connections: WorkerConnection[];
  let databases = 0;

  beforeAll(async () => {
    server = await startPostgres({ shared_preload_libraries: 'pg_stat_statements', fsync: 'off' });
  });

  afterAll(() => server?.stop());

  beforeEach(async () => {
    databases += 1;
    url = await server.createDatabase(`claims_${databases}`);
    store = await PostgresStore.open({ url, schema });
    admin = new Client({ connectionString: url });
    await admin.connect();
    await admin.query(`SET search_path = ${schema}`);
    connections = [];
  });

  afterEach(async () => {
    for (const connection of connections) connection.destroy();
    await admin.end();
    await store.close();
  });

  const ask = async (text: string): Promise<Array<Record<string, unknown>>> => (await admin.query(text)).rows;

  async function joined(): Promise<Worker> {
    const connection = await WorkerConnection.connect({ url, schema, answerWithinMs: 10_000, onEnd: () => undefined });
    connections.push(connection);
    const { worker } = await joinWorkers(
      connection,
      { host: 'here', process: 1, digest: 'all', offers: tasks },
      600_000,
    );
    return { connection, worker };
  }

  /** Another worker finds that this one was killed. */
  async function removedBy({ connection, worker }: Worker, killed: Worker): Promise<void> {
    killed.connection.destroy();
    const onlooker = { worker, serverRun: await readServerRun(connection), isSettled: true };
    await expect
      .poll(() => removeGone(connection, onlooker, [killed.worker]))
      .toEqual([{ id: killed.worker, tasks: 1 }]);
  }

  async function retryOf(task: string): Promise<{ failures: number; inMs: number }> {
    const [row] = await ask(
      `SELECT failures, (extract(epoch FROM not_before - clock_timestamp()) * 1000)::float8 AS in_ms FROM claim WHERE task = '${task}'`,
    );
    return { failures: Number(row?.['failures']), inMs: Math.max(0, Number(row?.['in_ms'])) };
  }

  test('are not stolen by a worker that saw the task free before another one claimed it', async () => {
    const [early, late] = [await joined(), await joined()];
    await addTasks(early.connection, [first, second]);
    // The late one has looked, and waits for its own row before it locks any claim.
    await admin.query('BEGIN');
    await admin.query('SELECT 1 FROM worker WHERE id = $1 FOR UPDATE', [late.worker]);
    const claiming = claimTasks(late.connection, late.worker, [first, second]);
    await expect
      .poll(() => ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").then(({ length }) => length))
      .toBe(1);
    expect(await claimTasks(early.connection, early.worker, [first])).toMatchObject([{ task: first, number: '1' }]);
    await admin.query('COMMIT');
    expect(await claiming).toMatchObject([{ task: second, number: '1' }]);
    expect(await ask('SELECT worker, number FROM claim ORDER BY task')).toEqual([
      { worker: early.worker, number: '1' },
      { worker: late.worker, number: '1' },
    ]);
  });

  test('of a task that took its workers with it wait longer each time, and not the first time', async () => {
    const observer = await joined();
    await addTasks(observer.connection, [first]);
    const waits: number[] = [];
    for (const failures of [1, 2, 3]) {
      const killed = await joined();
      expect(await claimTasks(killed.connection, killed.worker, [first])).toHaveLength(1);
      await removedBy(observer, killed);
      const retry = await retryOf(first);
      expect(retry.failures).toBe(failures);
      waits.push(Math.ceil(retry.inMs / 1_000));
      // Nobody takes it before, neither the one that looks nor a new one.
      const isFree = failures === 1;
      expect(await readFreeTasks(observer.connection)).toEqual(isFree ? [first] : []);
      if (!isFree) expect(await claimTasks(observer.connection, observer.worker, [first])).toEqual([]);
      await ask("UPDATE claim SET not_before = '-infinity'");
    }
    expect(waits).toEqual([0, 1, 2]);
  });

  test('notify when a task is free or a worker comes or goes, and a commit, a claim and a renewal notify nobody', async () => {
    const { connection, worker } = await joined();
    await addTasks(connection, [first]);
    const session = await store.open(first, 'owner');
    let notified = 0;
    const listener = new Client({ connectionString: url });
    listener.on('notification', () => {
      notified += 1;
    });
    await listener.connect();
    await listener.query(`LISTEN ${channel}`);
    // What anybody notifies of, on whatever channel, is kept for a listener that does not end its transaction: so many fill a page.
    await listener.query('BEGIN');
    const [claim] = await claimTasks(connection, worker, [first]);
    for (let count = 0; count < 500; count += 1) await session.write(new WriteBatch().put('key', count));
    for (let count = 0; count < 500; count += 1)
      expect(await renewLease(connection, worker, 600_000, 'run')).toBe(true);
    expect(await ask('SELECT pg_notification_queue_usage() AS usage')).toEqual([{ usage: 0 }]);
    await listener.query('COMMIT');
    expect(notified).toBe(0);
    if (claim === undefined) throw new Error('it was not claimed');
    const ended: EndedClaim = { ...claim, worker, failure: undefined };
    await releaseTasks(connection, [ended]);
    await expect.poll(() => notified).toBe(1);
    // It is no longer its own: nothing is free that was not.
    await releaseTasks(connection, [ended]);
    await leaveWorkers(connection, worker);
    await expect.poll(() => notified).toBe(2);
    await listener.end();
  });

  test('cost an idle look some pages, with 10,000 tasks on 50 workers', async () => {
    const { connection, worker } = await joined();
    await ask('CREATE EXTENSION pg_stat_statements SCHEMA public');
    await addTasks(connection, tasks);
    await ask(`INSERT INTO worker (id, host, process, joined_at, lease_until, server_run, digest, offers)
      SELECT other, host, process, joined_at, lease_until, '', digest, offers FROM worker, generate_series(1001, 1049) AS other`);
    await ask(`UPDATE claim SET worker = CASE WHEN place < 50 THEN 1000 + place ELSE ${worker} END
      FROM (SELECT task, 1 + row_number() OVER () % 50 AS place FROM claim) AS dealt WHERE claim.task = dealt.task`);
    await ask(`UPDATE claim SET worker = NULL, not_before = 'infinity' WHERE task = '${first}'`);
    await ask('VACUUM ANALYZE claim');
    const onlooker = { worker, serverRun: await readServerRun(connection), isSettled: true };
    await ask('SELECT public.pg_stat_statements_reset()');
    for (let look = 0; look < 20; look += 1) {
      expect(await readWorkers(connection, onlooker)).toHaveLength(50);
      expect(await readFreeTasks(connection)).toEqual([]);
    }
    const costs = await ask(
      `SELECT ((shared_blks_hit + shared_blks_read) / calls)::integer AS pages FROM public.pg_stat_statements
       WHERE calls = 20 AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    expect(costs).toHaveLength(2);
    // The table of the claims alone has more than a hundred.
    expect(
      Number((await ask("SELECT relpages FROM pg_class WHERE oid = 'claim'::regclass"))[0]?.['relpages']),
    ).toBeGreaterThan(100);
    for (const { pages } of costs) expect(pages).toBeLessThan(20);
  });
});
