import { defaultSchema } from '../schema-name.js';
import { WorkerConnection } from './worker-connection.js';

/** Who runs what at one moment, for people. Ages are by the clock of the server. */
export type FleetView = {
  /** Every process that shares tasks, by its name. */
  workers: SeenWorker[];
  /** Every task that was ever opened or offered, by its name. */
  tasks: SeenTask[];
};

/** A process that shares tasks. */
export type SeenWorker = {
  /** Its name, which no other process has. */
  worker: string;
  /** The name of its host, as it was given. */
  host: string;
  /** Its process id there. */
  process: number;
  /** For how long it has shared tasks, in milliseconds. */
  joinedMsAgo: number;
  /** How long its lease lasts, in milliseconds. Negative: since when it is over, and nobody has removed it yet. */
  leaseLeftMs: number;
  /** It ends, and hands its tasks over. */
  isLeaving: boolean;
  /** How many tasks it could run. */
  offers: number;
};

/** A task that was ever opened or offered. */
export type SeenTask = {
  /** Its name. */
  task: string;
  /** Null: it was never opened. */
  epoch: bigint | null;
  /** Which worker runs it. Null: none. */
  worker: string | null;
  /** Since when. Null: no worker runs it. */
  claimedMsAgo: number | null;
  /** Whether a worker is there that could run it. */
  isOffered: boolean;
  /** In a row. */
  failures: number;
  /** How long it is left alone, in milliseconds. 0: it is not, or a worker runs it. */
  retryInMs: number;
  /** Why it failed last. Null: it did not, as far as is known. */
  reason: string | null;
};

/**
 * Reads it from the database. Changes nothing, and disturbs nobody.
 *
 * @throws The driver's error when it cannot be read.
 */
export async function readFleet({ url, schema = defaultSchema }: { url: string; schema?: string }): Promise<FleetView> {
  const connection = await WorkerConnection.connect({ url, schema, answerWithinMs: 10_000, onEnd: () => undefined });
  try {
    const workers = await connection.query<WorkerRow>(selectWorkers);
    const tasks = await connection.query<TaskRow>(selectTasks);
    return { workers: workers.map(workerOf), tasks: tasks.map(taskOf) };
  } finally {
    connection.destroy();
  }
}

const msSince = (instant: string): string => `(extract(epoch FROM clock_timestamp() - ${instant}) * 1000)::float8`;

type WorkerRow = {
  id: number;
  host: string;
  process: number;
  joined_ms_ago: number;
  lease_ms_ago: number;
  is_leaving: boolean;
  offers: number;
};

const selectWorkers = `
  SELECT id, host, process, ${msSince('joined_at')} AS joined_ms_ago, ${msSince('lease_until')} AS lease_ms_ago,
    is_leaving, cardinality(offers) AS offers
  FROM worker ORDER BY id`;

function workerOf(row: WorkerRow): SeenWorker {
  return {
    worker: String(row.id),
    host: row.host,
    process: row.process,
    joinedMsAgo: Math.round(row.joined_ms_ago),
    leaseLeftMs: -Math.round(row.lease_ms_ago),
    isLeaving: row.is_leaving,
    offers: row.offers,
  };
}

type TaskRow = {
  task: string;
  epoch: string | null;
  worker: number | null;
  claimed_ms_ago: number | null;
  is_offered: boolean;
  failures: number | null;
  retry_in_ms: number | null;
  reason: string | null;
};

const selectTasks = `
  WITH opened AS (SELECT convert_from(task, 'UTF8') AS task, epoch FROM task WHERE epoch > 0),
    offered AS (SELECT DISTINCT unnest(offers) AS task FROM worker)
  SELECT coalesce(opened.task, claim.task) AS task, opened.epoch::text, claim.worker,
    CASE WHEN claim.worker IS NULL THEN NULL ELSE ${msSince('claim.claimed_at')} END AS claimed_ms_ago,
    offered.task IS NOT NULL AS is_offered, claim.failures, claim.reason,
    CASE WHEN claim.worker IS NULL AND claim.not_before > clock_timestamp() THEN -${msSince('claim.not_before')} END AS retry_in_ms
  FROM opened FULL JOIN claim ON claim.task = opened.task
  LEFT JOIN offered ON offered.task = coalesce(opened.task, claim.task)
  ORDER BY 1`;

function taskOf(row: TaskRow): SeenTask {
  return {
    task: row.task,
    epoch: row.epoch === null ? null : BigInt(row.epoch),
    worker: row.worker === null ? null : String(row.worker),
    claimedMsAgo: row.claimed_ms_ago === null ? null : Math.round(row.claimed_ms_ago),
    isOffered: row.is_offered,
    failures: row.failures ?? 0,
    retryInMs: Math.max(0, Math.round(row.retry_in_ms ?? 0)),
    reason: row.reason,
  };
}
