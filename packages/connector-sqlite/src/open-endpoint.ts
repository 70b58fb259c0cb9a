import { resolve } from 'node:path';
import type { Json } from '@aftercommit/models';
import type { OpenConnector } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { EndpointDatabase } from './endpoint-database.js';
import { EndpointSession } from './endpoint-session.js';
import { raiseFence, readRecord } from './materialization-record.js';
import { isTableEmpty, prepareTables, restoreStagedTables } from './prepare-tables.js';
import { type Recovery, recover } from './recovery.js';
import { prepareSchema } from './schema.js';
import type { SqliteTask, WarnOnce } from './sqlite-task.js';
import { isStaged, isTableStaged, namedStaging, removeOldStagings } from './staging.js';

/** A session, and what it found. */
export type OpenedEndpoint = {
  session: EndpointSession;
  recovery: Recovery;
  newBindings: ReadonlySet<number>;
  /** Whether the connector state names a staging. */
  isStagingNamed: boolean;
};

/** Opens the file, and does all that `Connector.open` has to in one transaction. */
export function openEndpoint(task: SqliteTask, from: OpenConnector): OpenedEndpoint {
  const { materialization, directory, config } = task;
  const database = new EndpointDatabase(resolve(directory, config.path), materialization);
  try {
    const prepared = database.transaction('open', (connection) => prepare(connection, database.file, task, from));
    const { tables, ...opened } = prepared;
    const fence = { materialization, epoch: from.epoch };
    return { session: new EndpointSession(database, fence, tables, warnOnce(task)), ...opened };
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(
  database: Database.Database,
  file: string,
  task: SqliteTask,
  { epoch, connectorState }: OpenConnector,
): Omit<OpenedEndpoint, 'session'> & { tables: string[] } {
  const { materialization } = task;
  prepareSchema(database, file);
  raiseFence(database, { materialization, epoch });
  const recovery = judge(database, file, materialization, connectorState);
  // After a divergence nothing is removed before somebody accepted it: the state may be the one that is wrong.
  if (recovery.divergence === undefined) removeOldStagings(database, { materialization, epoch }, recovery.pending);
  restoreStagedTables(database, materialization);
  const tables = prepareTables(database, task);
  const isPending = recovery.pending !== undefined;
  const newBindings = new Set(
    tables.flatMap((table, binding) =>
      isTableEmpty(database, table) && !(isPending && isTableStaged(database, table)) ? [binding] : [],
    ),
  );
  return { tables, recovery, newBindings, isStagingNamed: namedStaging(connectorState) !== undefined };
}

function judge(
  database: Database.Database,
  file: string,
  materialization: string,
  connectorState: Json | undefined,
): Recovery {
  const named = namedStaging(connectorState);
  return recover({
    materialization,
    file,
    record: readRecord(database, materialization),
    named,
    isNamedStaged: named !== undefined && isStaged(database, materialization, named),
  });
}

function warnOnce({ materialization, logger }: SqliteTask): WarnOnce {
  const warned = new Set<string>();
  return (about, message) => {
    if (warned.has(about)) return;
    warned.add(about);
    logger.warn(message, { materialization });
  };
}
