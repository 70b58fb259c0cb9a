import { printDocument } from '@aftercommit/models';
import type { BindingKey, StoreDocument } from '@aftercommit/runtime-adapter';
import type { StoredRow } from './memory-endpoint-state.js';

/** In the order in which they are counted. */
export type MemoryBindings = ReadonlyArray<{
  /** JSON pointers, in order. */
  key: readonly string[];
  /** Every document is appended. Default false. */
  isDelta?: boolean;
}>;

/** The rows of one transaction while they are collected: looks that the host gives what it owes. */
export class MemoryEndpointRows {
  readonly #bindings: MemoryBindings;
  #rows: StoredRow[] = [];
  #keys = new Set<string>();

  constructor(bindings: MemoryBindings) {
    this.#bindings = bindings;
  }

  /** Texts are equal where keys are: `1` and `'1'` differ, and so do `['a', 'bc']` and `['ab', 'c']`. */
  keyText({ binding, key }: BindingKey): string {
    const parts = this.#bindings[binding]?.key.length;
    if (parts === undefined) throw new Error(`There is no binding ${binding}: there are ${this.#bindings.length}`);
    if (parts !== key.length) throw new Error(`A key of binding ${binding} has ${parts} parts, not ${key.length}`);
    return printDocument([...key]);
  }

  add(stored: StoreDocument): void {
    const { binding } = stored;
    const keyText = this.keyText(stored);
    const isDelta = this.#bindings[binding]?.isDelta === true;
    if (!isDelta && this.#keys.has(`${binding} ${keyText}`)) {
      throw new Error(`store() was given a key of binding ${binding} twice in one transaction: combine its documents`);
    }
    this.#keys.add(`${binding} ${keyText}`);
    this.#rows.push({ binding, key: isDelta ? undefined : keyText, document: printDocument(stored.document) });
  }

  /** Everything that was added since the last time. */
  take(): readonly StoredRow[] {
    const rows = this.#rows;
    this.#rows = [];
    this.#keys = new Set();
    return rows;
  }

  /** By index: bindings with no row in `state` and none in `pending`. */
  newBindings(
    tables: ReadonlyMap<number, ReadonlyMap<string, string>>,
    pending: readonly StoredRow[],
  ): ReadonlySet<number> {
    const staged = new Set(pending.map(({ binding }) => binding));
    const indexes = this.#bindings.map((_, index) => index);
    return new Set(indexes.filter((index) => !staged.has(index) && (tables.get(index)?.size ?? 0) === 0));
  }
}
