/**
 * What workers know of each other. None of it is needed for correctness: all rows may be deleted at any time, and the workers
 * find each other again.
 *
 * - A worker is a process that shares tasks. It holds a session lock on its id as long as its connection lives, and a lease
 *   by the clock of the server. `server_run`: on which run of the server the lock is held; `''`: it is held nowhere.
 *   `offers`: the tasks that it could run, and `digest` stands for that list.
 * - A claim says which worker runs a task: no lease of its own, it is valid as long as that of its worker, and however a worker
 *   goes, its claims are free then. `number` counts the
 *   owners it ever had. `failures`, in a row, with the `reason` of the last one.
 */
export const createCoordinationTables = (schema: string): string => `
CREATE SEQUENCE ${schema}.worker_id AS integer CYCLE;
CREATE TABLE ${schema}.worker (
  id integer PRIMARY KEY,
  host text NOT NULL,
  process integer NOT NULL,
  joined_at timestamptz NOT NULL,
  lease_until timestamptz NOT NULL,
  server_run text NOT NULL,
  is_leaving boolean NOT NULL DEFAULT false,
  digest text NOT NULL,
  offers text[] NOT NULL
);
CREATE TABLE ${schema}.claim (
  task text COLLATE "C" PRIMARY KEY,
  worker integer REFERENCES ${schema}.worker (id) ON DELETE SET NULL,
  number bigint NOT NULL DEFAULT 0,
  claimed_at timestamptz,
  failures integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  reason text
);
CREATE INDEX claim_worker ON ${schema}.claim (worker);
`;
