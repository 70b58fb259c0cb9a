import type { Document } from '@aftercommit/models';
import { type BindingKey, ConnectorError, type RuntimeCheckpointValue } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import type { EndpointDatabase } from './endpoint-database.js';
import { type FindDocument, prepareFind } from './find-document.js';
import { assertHeld, type Fence, writeRecord } from './materialization-record.js';
import type { WarnOnce } from './sqlite-task.js';
import { isStaged, removeOldStagings, removeStaging, type StagingName, stage, stagedRows } from './staging.js';
import type { StoredRow } from './stored-row.js';
import { layoutOf } from './table-layout.js';
import { assertWritable, writeRows } from './write-rows.js';

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
  commit(rows: readonly StoredRow[], runtimeCheckpoint: RuntimeCheckpointValue): void {
    this.#write('commit to', (database) => {
      writeRows(database, rows, this.#warn);
      writeRecord(database, this.#fence.materialization, { runtimeCheckpoint, appliedId: undefined });
    });
  }

  /** Makes the rows durable beside the tables. Refuses what could not be applied later. */
  stage(rows: readonly StoredRow[], transactionId: string): StagingName {
    const name = { transactionId, epoch: this.#fence.epoch };
    this.#write('stage a transaction in', (database) => {
      assertWritable(database, rows);
      stage(database, this.#fence.materialization, name, rows);
    });
    return name;
  }

  /** Applies what was staged and is committed by now, once. A runtime checkpoint that is left is superseded by it. */
  apply(name: StagingName): void {
    const { materialization } = this.#fence;
    this.#write('apply a staged transaction to', (database) => {
      if (!isStaged(database, materialization, name)) throw this.#vanished(name);
      writeRows(database, stagedRows(database, materialization, name), this.#warn);
      removeStaging(database, materialization, name);
      writeRecord(database, materialization, { runtimeCheckpoint: undefined, appliedId: name.transactionId });
    });
  }

  /** Forgets what does not go with the state, and keeps the rows. */
  forget(): void {
    this.#write('begin again in', (database) => {
      removeOldStagings(database, this.#fence, undefined);
      writeRecord(database, this.#fence.materialization, { runtimeCheckpoint: undefined, appliedId: undefined });
    });
  }

  /** The document under the key; undefined: there is none. */
  find({ binding, key }: BindingKey): Document | undefined {
    const table = this.tableOf(binding);
    return this.#database.read('look up documents in', (database) => {
      const find = this.#finds.get(table) ?? prepareFind(database, layoutOf(database, table));
      this.#finds.set(table, find);
      return find(key);
    });
  }

  /** The table of a binding. Throws a `RangeError` when there is no such binding. */
  tableOf(binding: number): string {
    const table = this.#tables[binding];
    if (table === undefined) throw new RangeError(`${this.#fence.materialization} has no binding ${binding}`);
    return table;
  }

  close(): void {
    this.#database.close();
  }

  #write(what: string, work: (database: Database.Database) => void): void {
    this.#database.transaction(what, (database) => {
      assertHeld(database, this.#fence);
      work(database);
    });
  }

  #vanished({ transactionId }: StagingName): ConnectorError {
    return new ConnectorError(
      'ENDPOINT_LOST_STAGING',
      `${this.#fence.materialization}: the staged transaction ${transactionId} was removed from ${this.#database.file} ` +
        'while it was to be applied. Start again, and see what is said then',
    );
  }
}
