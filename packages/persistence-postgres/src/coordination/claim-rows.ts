import type { WorkerConnection } from './worker-connection.js';
import { backoffAfter, failuresBefore, notifyOthers } from './worker-rows.js';

/** Every task has a row before anybody claims it. In one order, so that two who add them at once wait for each other once. */
export async function addTasks(connection: WorkerConnection, tasks: readonly string[]): Promise<void> {
  await connection.query(
    `INSERT INTO claim (task)
     SELECT task FROM unnest($1::text[]) AS offered (task)
     WHERE NOT EXISTS (SELECT 1 FROM claim AS known WHERE known.task = offered.task)
     ORDER BY task COLLATE "C" ON CONFLICT DO NOTHING`,
    [tasks],
  );
}

/** The tasks that anybody may claim now, by name. */
export async function readFreeTasks(connection: WorkerConnection): Promise<string[]> {
  const rows = await connection.query<{ task: string }>(
    'SELECT task FROM claim WHERE worker IS NULL AND not_before <= clock_timestamp() ORDER BY task',
  );
  return rows.map(({ task }) => task);
}

/** A task that is this worker's, until it releases it or is found to be gone. */
export type Claim = { task: string; number: string; failures: number };

/**
 * Claims those of the tasks that are still free. One that somebody else is claiming at this moment is left to him. The
 * conditions stand on the row that is locked: PostgreSQL looks at them once more when it has the lock, so that a row which
 * was claimed since the snapshot is not claimed a second time. The worker's own row is locked, too: nobody who was removed meanwhile
 * claims anything.
 */
export async function claimTasks(
  connection: WorkerConnection,
  worker: number,
  tasks: readonly string[],
): Promise<Claim[]> {
  return await connection.query<Claim>(
    `WITH me AS MATERIALIZED (
       SELECT id FROM worker WHERE id = $1 FOR KEY SHARE
     ), free AS MATERIALIZED (
       SELECT task FROM claim
       WHERE task = ANY($2) AND worker IS NULL AND not_before <= clock_timestamp()
       FOR UPDATE SKIP LOCKED
     )
     UPDATE claim AS claimed
     SET worker = me.id, number = number + 1, claimed_at = clock_timestamp()
     FROM free, me WHERE claimed.task = free.task
     RETURNING claimed.task, claimed.number::text, claimed.failures`,
    [worker, tasks],
  );
}

/** A task that has ended here. `failure`: why it failed; undefined: it did not. */
export type EndedClaim = Claim & { worker: number; failure: string | undefined };

/** @returns Those that were still this worker's, and how long they are left alone now. */
export async function releaseTasks(
  connection: WorkerConnection,
  ended: readonly EndedClaim[],
): Promise<Array<{ task: string; retryInMs: number }>> {
  const rows = await connection.query<{ task: string; retry_in_ms: number }>(
    `WITH ended AS (
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::integer[], $4::text[]) AS one (task, number, worker, failure)
     ), released AS (
       UPDATE claim AS released SET
         worker = NULL,
         failures = ${failuresBefore} + CASE WHEN ended.failure IS NULL THEN 0 ELSE 1 END,
         not_before = CASE
           WHEN ended.failure IS NULL THEN clock_timestamp()
           ELSE clock_timestamp() + ${backoffAfter(`(${failuresBefore} + 1)`)}
         END,
         reason = coalesce(ended.failure, reason)
       FROM ended
       WHERE released.task = ended.task AND released.number = ended.number AND released.worker = ended.worker
       RETURNING released.task, greatest(0, extract(epoch FROM not_before - clock_timestamp()) * 1000)::float8 AS retry_in_ms
     ), told AS (
       SELECT ${notifyOthers} FROM released LIMIT 1
     )
     SELECT released.* FROM released LEFT JOIN told ON true`,
    [
      ended.map(({ task }) => task),
      ended.map(({ number }) => number),
      ended.map(({ worker }) => worker),
      ended.map(({ failure }) => failure ?? null),
    ],
  );
  return rows.map(({ task, retry_in_ms: retryInMs }) => ({ task, retryInMs: Math.round(retryInMs) }));
}
