import type { Document } from '@aftercommit/models';
import {
  type BindingKey,
  ConnectorError,
  type RuntimeCheckpointValue,
  type StoreDocument,
} from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import type { EndpointDatabase } from './endpoint-database.js';
import { type FindDocument, prepareFind } from './find-document.js';
import { isKeepable, notKeepable } from './key-type.js';
import { assertHeld, type Fence, writeRecord } from './materialization-record.js';
import { replaceTable } from './prepare-tables.js';
import type { WarnOnce } from './sqlite-task.js';
import { isStaged, removeOldStagings, removeStaging, type StagingName, stage, stagedRows } from './staging.js';
import { byTable } from './stored-row.js';
import { layoutOf } from './table-layout.js';
import type { TableRecord } from './table-record.js';
import { assertWritable, writeRows } from './write-rows.js';

/** What an acknowledge has to do, in one transaction. */
export type DueWork = {
  /** The staging that the store has committed. Undefined: none is left to be applied. */
  readonly pending?: StagingName | undefined;
  /** Whether the operator accepted an endpoint that does not go with the state: what did not fit is forgotten. */
  readonly isDiverged?: boolean;
  /** Tables to be made in another shape, or for another materialization. */
  readonly replaced?: readonly TableRecord[];
};

/** What a session does to the file: each method is one transaction, which the fence guards. */
export class EndpointSession {
  readonly #database: EndpointDatabase;
  readonly #fence: Fence;
  /** Of the bindings, by index. */
  readonly #tables: readonly string[];
  readonly #warn: WarnOnce;
  readonly #finds = new Map<string, FindDocument>();

  constructor(database: EndpointDatabase, fence: Fence, tables: readonly string[], warn: WarnOnce) {
    this.#database = database;
    this.#fence = fence;
    this.#tables = tables;
    this.#warn = warn;
  }

  /** Commits rows and runtime checkpoint. */
  commit(documents: readonly StoreDocument[], runtimeCheckpoint: RuntimeCheckpointValue): void {
    const { materialization } = this.#fence;
    this.#write('commit to', (database) => {
      writeRows(database, materialization, this.#rowsOf(documents), this.#warn);
      writeRecord(database, materialization, { runtimeCheckpoint, appliedId: undefined });
    });
  }

  /** Makes the rows durable beside the tables. Refuses what could not be applied later. */
  stage(documents: readonly StoreDocument[], transactionId: string): StagingName {
    const { materialization, epoch } = this.#fence;
    const name = { transactionId, epoch };
    const rows = this.#rowsOf(documents);
    this.#write('stage a transaction in', (database) => {
      assertWritable(database, materialization, rows);
      stage(database, materialization, name, rows);
    });
    return name;
  }

  /** Does what is due, and removes what sessions of lower epochs staged and nobody committed. */
  settle({ pending, isDiverged = false, replaced = [] }: DueWork): void {
    this.#write(pending === undefined ? 'settle what was found in' : 'apply a staged transaction to', (database) => {
      if (pending !== undefined) this.#apply(database, pending);
      if (isDiverged) {
        writeRecord(database, this.#fence.materialization, { runtimeCheckpoint: undefined, appliedId: undefined });
      }
      removeOldStagings(database, this.#fence);
      for (const table of replaced) replaceTable(database, table, this.#warn);
    });
  }

  /** The document under the key; undefined: there is none. */
  find({ binding, key }: BindingKey): Document | undefined {
    const table = this.#tableOf(binding);
    return this.#database.read('look up documents in', (database) => {
      const find =
        this.#finds.get(table) ?? prepareFind(database, layoutOf(database, this.#fence.materialization, table));
      this.#finds.set(table, find);
      return find(key);
    });
  }

  /** Throws `ENDPOINT_REFUSED` for a key that SQLite cannot keep. */
  assertKeepable({ binding, key }: BindingKey): void {
    const table = this.#tableOf(binding);
    if (key.every(isKeepable)) return;
    throw notKeepable({ materialization: this.#fence.materialization, file: this.#database.file, table });
  }

  close(): void {
    this.#database.close();
  }

  /** Applies what was staged and is committed by now, once. A runtime checkpoint that is left is superseded by it. */
  #apply(database: Database.Database, name: StagingName): void {
    const { materialization } = this.#fence;
    if (!isStaged(database, materialization, name)) throw this.#vanished(name);
    const rows = byTable(stagedRows(database, materialization, name), ({ table }) => table);
    writeRows(database, materialization, rows, this.#warn);
    removeStaging(database, materialization, name);
    writeRecord(database, materialization, { runtimeCheckpoint: undefined, appliedId: name.transactionId });
  }

  #write(what: string, work: (database: Database.Database) => void): void {
    this.#database.transaction(what, (database) => {
      assertHeld(database, this.#fence);
      work(database);
    });
  }

  #rowsOf(documents: readonly StoreDocument[]): Map<string, StoreDocument[]> {
    return byTable(documents, ({ binding }) => this.#tableOf(binding));
  }

  #tableOf(binding: number): string {
    const table = this.#tables[binding];
    if (table === undefined) throw new RangeError(`${this.#fence.materialization} has no binding ${binding}.`);
    return table;
  }

  #vanished({ transactionId }: StagingName): ConnectorError {
    return new ConnectorError(
      'ENDPOINT_LOST_STAGING',
      `${this.#fence.materialization}: the staged transaction ${transactionId} was removed from ${this.#database.file} ` +
        'while it was to be applied. Start again, and see what is said then.',
    );
  }
}
