import { type Document, parseDocument } from '@aftercommit/models';
import type { KeyValue } from '@aftercommit/runtime-adapter';

/**
 * A document on its way into a table, with its key: as it was handed over, or as it was staged. Both give the same row. Those
 * of a whole transaction are held until its commit, so nothing is made of them before.
 */
export type StoredRow = {
  readonly key: readonly KeyValue[];
  readonly document: Document;
  /** The document as JSON text. Undefined: it is still to be printed. */
  readonly text?: string;
};

/** The rows of a transaction, by table, in their order. */
export type TableRows = ReadonlyMap<string, readonly StoredRow[]>;

export function byTable<Row>(rows: readonly Row[], tableOf: (row: Row) => string): Map<string, Row[]> {
  const tables = new Map<string, Row[]>();
  for (const row of rows) {
    const table = tableOf(row);
    const others = tables.get(table);
    if (others === undefined) tables.set(table, [row]);
    else others.push(row);
  }
  return tables;
}

/** A row as it was staged. It is parsed whenever it is looked at, and not held: a transaction may be very large. */
export class StagedRow implements StoredRow {
  readonly table: string;
  readonly text: string;
  readonly #key: string;

  constructor(staged: { table: string; key: string; text: string }) {
    this.table = staged.table;
    this.text = staged.text;
    this.#key = staged.key;
  }

  get key(): readonly KeyValue[] {
    return parseDocument(this.#key) as KeyValue[];
  }

  get document(): Document {
    return parseDocument(this.text) as Document;
  }
}
