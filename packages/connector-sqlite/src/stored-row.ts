import { type Document, parseDocument, printDocument } from '@aftercommit/models';
import type { KeyValue } from '@aftercommit/runtime-adapter';
import { type ColumnValue, columnValue } from './column-value.js';

/**
 * A document on its way into a table, with its key. Nothing of it changes when the object that was handed over does, and
 * what is staged in between gives the same row.
 */
export type StoredRow = {
  readonly table: string;
  readonly key: readonly KeyValue[];
  /** The document as JSON text. */
  readonly text: string;
  /** The document's top-level fields: one and the same list for documents that have the same ones. */
  readonly fields: readonly string[];
  /** What columns hold of them, in their order. */
  readonly values: readonly ColumnValue[];
};

/** Makes rows of documents. */
export class RowMaker {
  /** Those of the document before. */
  #fields: readonly string[] = [];

  row(table: string, key: readonly KeyValue[], document: Document, text = printDocument(document)): StoredRow {
    const fields: string[] = [];
    const values: ColumnValue[] = [];
    for (const field of Object.keys(document)) {
      const value = document[field];
      // There is no such thing in JSON text.
      if (value === undefined) continue;
      fields.push(field);
      values.push(columnValue(value));
    }
    if (!isSame(fields, this.#fields)) this.#fields = fields;
    return { table, key: [...key], text, fields: this.#fields, values };
  }

  /** The row of what was staged as JSON texts. */
  stagedRow({ table, key, text }: { table: string; key: string; text: string }): StoredRow {
    return this.row(table, parseDocument(key) as KeyValue[], parseDocument(text) as Document, text);
  }
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((field, index) => field === right[index]);
}
