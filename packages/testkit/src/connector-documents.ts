import assert from 'node:assert/strict';
import { type Document, type DocumentValue, isDocument, printDocument } from '@aftercommit/models';
import type { BindingKey, KeyValue, LoadedDocument, StoreDocument } from '@aftercommit/runtime-adapter';

/** The indexes of `conformanceBindings`. */
export const plain = 0;
export const compound = 1;
export const appended = 2;

/** A document for the binding whose key is `/id`. */
export function plainDocument(id: KeyValue, fields: Document = {}): StoreDocument {
  return { binding: plain, key: [id], document: { id, ...fields } };
}

/** A document for the binding whose key is `/tenant` and `/id`: its fields stand in another order. */
export function compoundDocument(tenant: KeyValue, id: KeyValue, fields: Document = {}): StoreDocument {
  return { binding: compound, key: [tenant, id], document: { id, ...fields, tenant } };
}

/** A document for the binding that is appended to. */
export function appendedDocument(id: KeyValue, fields: Document = {}): StoreDocument {
  return { binding: appended, key: [id], document: { id, ...fields } };
}

export function keysOf(documents: readonly StoreDocument[]): BindingKey[] {
  return documents.map(({ binding, key }) => ({ binding, key }));
}

/** The same documents, each as often, in any order; fields in any order, and every number exact. */
export function assertSameDocuments(actual: readonly Document[], expected: readonly Document[], where: string): void {
  assert.deepEqual(actual.map(exactText).sort(), expected.map(exactText).sort(), where);
}

/** Each document once, under its binding, in any order. */
export function assertAnswers(answers: readonly LoadedDocument[], expected: readonly StoreDocument[]): void {
  for (const binding of new Set([...answers, ...expected].map((answer) => answer.binding))) {
    const documentsOf = (list: ReadonlyArray<LoadedDocument | StoreDocument>) =>
      list.filter((answer) => answer.binding === binding).map(({ document }) => document);
    assertSameDocuments(documentsOf(answers), documentsOf(expected), `answers of load() for binding ${binding}`);
  }
}

/**
 * One text for all that is the same value: an integer as number and as bigint, and fields in whichever order. An object's
 * prototype does not count, as it would to `deepEqual`.
 */
export function exactText(value: DocumentValue): string {
  if (Array.isArray(value)) return `[${value.map(exactText).join(',')}]`;
  if (!isDocument(value)) return printDocument(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((field) => `${JSON.stringify(field)}:${exactText(value[field] ?? null)}`).join(',')}}`;
}
