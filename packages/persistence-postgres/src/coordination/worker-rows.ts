import { failureBackoff } from './failure-backoff.js';
import type { WorkerConnection } from './worker-connection.js';

/** Told when something is free, or when there are more or fewer workers: never within a commit of a task. */
export const channel = 'aftercommit_coordination';

const notify = `pg_notify('${channel}', '')`;

/** Locks of our own among all session locks of the database: one class for each set of tables. */
const lockClass = `'worker'::regclass::oid::integer`;

/**
 * Session locks vanish with the server that held them, also when it is started again or another one takes its place: that a
 * lock is free says something only on the run of the server on which it was taken.
 */
const selectServerRun = `
  SELECT extract(epoch FROM pg_postmaster_start_time())::text
    || ' ' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS server_run`;

export async function readServerRun(connection: WorkerConnection): Promise<string> {
  const [row] = await connection.query<{ server_run: string }>(selectServerRun);
  return row?.server_run ?? '';
}

/** What a worker tells the others. */
export type WorkerCard = { host: string; process: number; digest: string; offers: readonly string[] };

/** Takes a new id, and the lock on it for as long as the connection lives. */
export async function joinWorkers(
  connection: WorkerConnection,
  { host, process, digest, offers }: WorkerCard,
  ttlMs: number,
): Promise<{ worker: number; serverRun: string }> {
  const currentRun = await readServerRun(connection);
  const [taken] = await connection.query<{ id: number; is_locked: boolean }>(
    `SELECT id, pg_try_advisory_lock(${lockClass}, id) AS is_locked FROM (SELECT nextval('worker_id')::integer AS id) AS next`,
  );
  if (taken === undefined) throw new Error('a statement without its row');
  const { id, is_locked: isLocked } = taken;
  const serverRun = isLocked ? currentRun : '';
  await connection.query(
    `WITH joined AS (
       INSERT INTO worker (id, host, process, joined_at, lease_until, server_run, digest, offers)
       VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp() + make_interval(secs => $4), $5, $6, $7) RETURNING 1
     ) SELECT ${notify} FROM joined`,
    [id, host, process, ttlMs / 1_000, serverRun, digest, offers],
  );
  return { worker: id, serverRun };
}

/** Takes the lock again on a new connection. Until the server has noticed that the old one is over, it cannot be had. */
export async function lockAgain(connection: WorkerConnection, worker: number): Promise<string> {
  const serverRun = await readServerRun(connection);
  const [row] = await connection.query<{ is_locked: boolean }>(
    `SELECT pg_try_advisory_lock(${lockClass}, $1) AS is_locked`,
    [worker],
  );
  return row?.is_locked === true ? serverRun : '';
}

/** @returns Whether the worker is still one: false when others found that it was gone. */
export async function renewLease(
  connection: WorkerConnection,
  worker: number,
  ttlMs: number,
  serverRun: string,
): Promise<boolean> {
  const rows = await connection.query(
    `UPDATE worker SET lease_until = clock_timestamp() + make_interval(secs => $2), server_run = $3
     WHERE id = $1 RETURNING 1`,
    [worker, ttlMs / 1_000, serverRun],
  );
  return rows.length > 0;
}

export async function offerTasks(
  connection: WorkerConnection,
  worker: number,
  { digest, offers }: Pick<WorkerCard, 'digest' | 'offers'>,
): Promise<void> {
  await connection.query(
    `WITH known AS (UPDATE worker SET digest = $2, offers = $3 WHERE id = $1 AND digest <> $2 RETURNING 1)
     SELECT ${notify} FROM known`,
    [worker, digest, offers],
  );
}

/** From now on nothing falls to the worker, and what it releases falls to others. */
export async function announceLeaving(connection: WorkerConnection, worker: number): Promise<void> {
  await connection.query('UPDATE worker SET is_leaving = true WHERE id = $1', [worker]);
}

export async function leaveWorkers(connection: WorkerConnection, worker: number): Promise<void> {
  await connection.query(`WITH gone AS (DELETE FROM worker WHERE id = $1 RETURNING 1) SELECT ${notify} FROM gone`, [
    worker,
  ]);
}

/** A worker as the others see it. */
export type SeenWorker = {
  id: number;
  digest: string;
  isLeaving: boolean;
  /** Why it is gone, as far as can be seen. Undefined: it is not. */
  gone: 'connection-ended' | 'lease-over' | undefined;
};

/** Who looks at the others, and from where. */
export type Onlooker = {
  worker: number;
  serverRun: string;
  /** It has been connected to this run of the server for as long as a lease lasts: whoever is alive has had time to come. */
  isSettled: boolean;
};

/** All workers, in the order of their ids. */
export async function readWorkers(
  connection: WorkerConnection,
  { worker, serverRun, isSettled }: Onlooker,
): Promise<SeenWorker[]> {
  const rows = await connection.query<{ id: number; digest: string; is_leaving: boolean; gone: string | null }>(
    `SELECT id, digest, is_leaving, ${goneReason} AS gone FROM worker ORDER BY id`,
    [worker, serverRun, isSettled],
  );
  return rows.map(({ id, digest, is_leaving: isLeaving, gone }) => ({
    id,
    digest,
    isLeaving,
    gone: gone === 'connection-ended' || gone === 'lease-over' ? gone : undefined,
  }));
}

/**
 * $1, $2 and $3: an `Onlooker`. A lock that can be had is that of nobody; many may look at once, because they share it, and it
 * is given back with the end of the statement. While the server was away nobody could renew a lease: the first to come back
 * must not take all others for dead.
 */
const goneReason = `CASE
    WHEN id = $1 THEN NULL
    WHEN lease_until <= clock_timestamp() AND ($3 OR server_run IN ('', $2)) THEN 'lease-over'
    WHEN server_run = $2 AND pg_try_advisory_xact_lock_shared(${lockClass}, id) THEN 'connection-ended'
  END`;

/** The tasks that can be run with this digest. Undefined: the worker that had it is gone meanwhile. */
export async function readOffers(connection: WorkerConnection, digest: string): Promise<string[] | undefined> {
  const [row] = await connection.query<{ offers: string[] }>('SELECT offers FROM worker WHERE digest = $1 LIMIT 1', [
    digest,
  ]);
  return row?.offers;
}

/**
 * Removes workers that are gone, and frees their tasks. That one of them may be what ended its process is no reason to wait
 * the first time, and a reason to wait longer each time that it happens again.
 *
 * @returns Those that nobody else had removed, each with the number of its tasks.
 */
export async function removeGone(
  connection: WorkerConnection,
  { worker, serverRun, isSettled }: Onlooker,
  gone: readonly number[],
): Promise<Array<{ id: number; tasks: number }>> {
  return await connection.query<{ id: number; tasks: number }>(
    `WITH found AS (
       SELECT id FROM worker WHERE id = ANY($4) AND ${goneReason} IS NOT NULL FOR UPDATE SKIP LOCKED
     ), gone AS (
       DELETE FROM worker WHERE id IN (SELECT id FROM found) RETURNING id
     ), freed AS (
       UPDATE claim SET
         worker = NULL,
         failures = ${failuresBefore} + 1,
         not_before = clock_timestamp() + CASE WHEN ${failuresBefore} = 0 THEN interval '0' ELSE ${backoffAfter(`${failuresBefore}`)} END,
         reason = 'its worker ended without handing it over'
       FROM gone WHERE worker = gone.id RETURNING gone.id
     ), told AS (
       SELECT ${notify} FROM gone LIMIT 1
     )
     SELECT gone.id, (SELECT count(*)::integer FROM freed WHERE freed.id = gone.id) AS tasks
     FROM gone LEFT JOIN told ON true`,
    [worker, serverRun, isSettled, gone],
  );
}

/** The failures of a claim that count: none from before it ran well. */
export const failuresBefore = `(CASE
    WHEN claimed_at <= clock_timestamp() - interval '${failureBackoff.ranWellMs} milliseconds' THEN 0 ELSE failures
  END)`;

/** How long a task waits after so many failures. */
export function backoffAfter(failures: string): string {
  const { firstMs, longestMs } = failureBackoff;
  const ms = `least(${longestMs}, ${firstMs} * 2 ^ least(${failures} - 1, 30))`;
  return `make_interval(secs => ${ms} / 1000.0)`;
}

/** Has the others look, once what this statement stands in is committed. */
export const notifyOthers = notify;
