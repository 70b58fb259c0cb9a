import { resolve } from 'node:path';
import type { OpenConnector } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { EndpointDatabase } from './endpoint-database.js';
import { type DueWork, EndpointSession } from './endpoint-session.js';
import { isTableEmpty } from './judge-table.js';
import { raiseFence, readRecord } from './materialization-record.js';
import { prepareTables, restoreStagedTables } from './prepare-tables.js';
import { type Recovery, recover } from './recovery.js';
import { prepareSchema } from './schema.js';
import type { SqliteTask, WarnOnce } from './sqlite-task.js';
import { hasOldStagings, isStaged, isTableStaged, namedStaging, type StagingName } from './staging.js';
import type { TableRecord } from './table-record.js';
import { wantedTables } from './wanted-tables.js';

/** What was found at the endpoint. */
type Findings = {
  recovery: Recovery;
  newBindings: ReadonlySet<number>;
  /** What the first acknowledge has to do. Undefined: nothing. */
  due: DueWork | undefined;
  /** Whether the connector state names a staging. */
  isStagingNamed: boolean;
};

/** A session, and what it found. */
export type OpenedEndpoint = Findings & { session: EndpointSession };

/**
 * Opens the file, and does all that `Connector.open` has to in one transaction. Nothing is taken away: the runtime may
 * still refuse to go on, and what looks left over now is needed when the right state is put back.
 */
export function openEndpoint(task: SqliteTask, from: OpenConnector): OpenedEndpoint {
  const { materialization, directory, config } = task;
  const database = new EndpointDatabase(resolve(directory, config.path), materialization);
  try {
    const warn = warnOnce(task);
    const wanted = wantedTables(task, database.file);
    const findings = database.transaction('open', (connection) =>
      prepare(connection, materialization, wanted, from, warn),
    );
    const tables = wanted.map(({ name }) => name);
    const session = new EndpointSession(database, { materialization, epoch: from.epoch }, tables, warn);
    return { session, ...findings };
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(
  database: Database.Database,
  materialization: string,
  wanted: readonly TableRecord[],
  { epoch, connectorState }: OpenConnector,
  warn: WarnOnce,
): Findings {
  prepareSchema(database, materialization);
  raiseFence(database, { materialization, epoch });
  const named = namedStaging(connectorState);
  const recovery = judge(database, materialization, named);
  const { pending } = recovery;
  if (pending !== undefined) restoreStagedTables(database, materialization, pending);
  const replaced = prepareTables(database, wanted, pending, warn);
  const isDiverged = recovery.divergence !== undefined;
  const isLeftOver = hasOldStagings(database, { materialization, epoch }, pending);
  const isDue = pending !== undefined || isDiverged || isLeftOver || replaced.length > 0;
  return {
    recovery,
    newBindings: newBindings(database, wanted, replaced, pending),
    due: isDue ? { pending, isDiverged, replaced } : undefined,
    isStagingNamed: named !== undefined,
  };
}

function judge(database: Database.Database, materialization: string, named: StagingName | undefined): Recovery {
  return recover({
    materialization,
    file: database.name,
    record: readRecord(database, materialization),
    named,
    isNamedStaged: named !== undefined && isStaged(database, materialization, named),
  });
}

/** By index: the bindings whose tables hold nothing, and for which nothing waits. */
function newBindings(
  database: Database.Database,
  wanted: readonly TableRecord[],
  replaced: readonly TableRecord[],
  pending: StagingName | undefined,
): ReadonlySet<number> {
  const isNew = (table: TableRecord): boolean => {
    if (replaced.includes(table)) return true;
    const isAwaited = pending !== undefined && isTableStaged(database, table.materialization, table.name, pending);
    return !isAwaited && isTableEmpty(database, table.name);
  };
  return new Set(wanted.flatMap((table, binding) => (isNew(table) ? [binding] : [])));
}

function warnOnce({ materialization, logger }: SqliteTask): WarnOnce {
  const warned = new Set<string>();
  return (about, message) => {
    if (warned.has(about)) return;
    warned.add(about);
    logger.warn(message, { materialization });
  };
}
