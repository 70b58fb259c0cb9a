import type { StoreDocument } from '@aftercommit/runtime-adapter';

/** A document on its way into a table, with its key. Those of a whole transaction are held until its commit. */
export type StoredRow = Pick<StoreDocument, 'key' | 'document'>;

/** The rows of a transaction by binding, in their order. */
export function byBinding(documents: readonly StoreDocument[]): Map<number, StoredRow[]> {
  const bindings = new Map<number, StoredRow[]>();
  for (const document of documents) {
    const others = bindings.get(document.binding);
    if (others === undefined) bindings.set(document.binding, [document]);
    else others.push(document);
  }
  return bindings;
}
