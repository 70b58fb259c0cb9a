import type { Document } from '@aftercommit/models';
import {
  type BindingKey,
  ConnectorError,
  type KeyValue,
  type RuntimeCheckpointValue,
  type StoreDocument,
} from '@aftercommit/runtime-adapter';
import { isUnicode } from './column-name.js';
import type { EndpointConnection, Queries } from './endpoint-connection.js';
import { findDocuments } from './find-documents.js';
import { fitColumns } from './fit-columns.js';
import { assertHeld, type Fence, writeFenced } from './materialization-record.js';
import type { WarnOnce } from './postgres-task.js';
import { replaceTables } from './prepare-tables.js';
import { byBinding } from './stored-row.js';
import { showPlace, type TablePlace } from './table-place.js';
import { assertOwned, findTableRecords, type TableRecord, type WantedTable } from './table-record.js';
import { writeRows } from './write-rows.js';

/** What a session does to the database: each method is one transaction, which the fence guards, or one read. */
export class EndpointSession {
  readonly #connection: EndpointConnection;
  readonly #fence: Fence;
  /** Of the bindings, by index. */
  readonly #tables: readonly WantedTable[];
  readonly #warn: WarnOnce;
  /** Of the bindings, as far as their tables were looked at. */
  readonly #records = new Map<number, TableRecord>();

  constructor(connection: EndpointConnection, fence: Fence, tables: readonly WantedTable[], warn: WarnOnce) {
    this.#connection = connection;
    this.#fence = fence;
    this.#tables = tables;
    this.#warn = warn;
  }

  /**
   * Commits rows and runtime checkpoint.
   *
   * @param writeStore Writes what the store commits with them. Comes last: until the end of the transaction the task is locked.
   *   Undefined: the store commits by itself.
   */
  async commit(
    documents: readonly StoreDocument[],
    runtimeCheckpoint: RuntimeCheckpointValue,
    writeStore?: (queries: Queries) => Promise<void>,
  ): Promise<void> {
    const bindings = byBinding(documents);
    await this.#connection.transaction('commit to', async (queries) => {
      await assertHeld(queries, this.#fence);
      const names = [...bindings.keys()].map((binding) => this.#tableOf(binding));
      const found = await findTableRecords(queries, this.#fence, names, 'locked');
      for (const [index, [binding, rows]] of [...bindings].entries()) {
        const place = this.#placeOf(binding);
        const record = await fitColumns(queries, assertOwned(place, found[index]), place, rows, this.#warn);
        this.#records.set(binding, record);
        await writeRows(queries, record, rows);
      }
      await writeFenced(queries, this.#fence, runtimeCheckpoint);
      await writeStore?.(queries);
    });
  }

  /** Makes tables in another shape, or for another materialization. */
  async replace(tables: readonly WantedTable[]): Promise<void> {
    await this.#connection.transaction('settle what was found in', async (queries) => {
      await replaceTables(queries, this.#fence, tables, this.#warn);
      await writeFenced(queries, this.#fence);
    });
  }

  /** The documents under the keys, each once. */
  async find(binding: number, keys: ReadonlyArray<readonly KeyValue[]>): Promise<Document[]> {
    return await findDocuments(this.#connection, await this.#recordOf(binding), this.#placeOf(binding), keys);
  }

  /** Throws `ENDPOINT_REFUSED` for a key that PostgreSQL cannot keep. */
  assertKeepable({ binding, key }: BindingKey): void {
    if (key.every((value) => typeof value !== 'string' || isUnicode(value))) return;
    throw new ConnectorError(
      'ENDPOINT_REFUSED',
      `${showPlace(this.#placeOf(binding))} cannot have a key with a text that is no valid Unicode (half of a surrogate ` +
        'pair): PostgreSQL does not keep it. Nothing was changed. Correct the document, or use another key for the collection.',
    );
  }

  close(): void {
    this.#connection.close();
  }

  async #recordOf(binding: number): Promise<TableRecord> {
    const known = this.#records.get(binding);
    if (known !== undefined) return known;
    const record = await this.#connection.transaction('look up documents in', async (queries) => {
      const [found] = await findTableRecords(queries, this.#fence, [this.#tableOf(binding)], 'unlocked');
      return assertOwned(this.#placeOf(binding), found);
    });
    this.#records.set(binding, record);
    return record;
  }

  #placeOf(binding: number): TablePlace {
    const { schema, table } = this.#tableOf(binding);
    return { schema, table, endpoint: this.#fence };
  }

  #tableOf(binding: number): WantedTable {
    const table = this.#tables[binding];
    if (table === undefined) throw new RangeError(`${this.#fence.materialization} has no binding ${binding}.`);
    return table;
  }
}
