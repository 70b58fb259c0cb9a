import type { Document } from '@aftercommit/models';
import type { MaterializationBinding } from '@aftercommit/runtime-adapter';
import type { MemoryEndpoint } from '@aftercommit/testkit';

export const materialization = 'acme/simulated';

export const collections = ['acme/events', 'acme/notes'] as const;
export type CollectionName = (typeof collections)[number];

/**
 * One collection in two tables: what is merged has to be looked up, and the log shows each document that was committed.
 * Another one in a log of its own.
 */
export const bindings: readonly MaterializationBinding[] = [
  { collection: 'acme/events', resourcePath: ['events'], key: ['/id'], reduce: 'merge' },
  { collection: 'acme/events', resourcePath: ['log'], key: ['/id'], isDelta: true },
  { collection: 'acme/notes', resourcePath: ['notes', 'log'], key: ['/id'], isDelta: true },
];
/** Those whose rows are the documents, each once. */
export const logBindings: readonly number[] = [1, 2];

/** Indices of the bindings of a collection. */
export function bindingsOf(name: CollectionName): number[] {
  return bindings.flatMap(({ collection }, index) => (collection === name ? [index] : []));
}

/** Which documents a reader of the endpoint sees, by their numbers. */
export class VisibleDocuments {
  readonly #endpoint: MemoryEndpoint;
  readonly #isElsewhere: (number: number) => boolean;
  readonly #seen = new Set<number>();
  /** Of each log. */
  readonly #rows = new Map<number, number>();

  /** @param isElsewhere Whether it is among the rows of a host with a commit loop of its own. */
  constructor(endpoint: MemoryEndpoint, isElsewhere: (number: number) => boolean) {
    this.#endpoint = endpoint;
    this.#isElsewhere = isElsewhere;
  }

  has(number: number): boolean {
    for (const binding of logBindings) this.#look(binding);
    return this.#seen.has(number) || this.#isElsewhere(number);
  }

  /** The log only grows: what was seen once is there. */
  #look(binding: number): void {
    const table = this.#endpoint.copy().tables.get(binding);
    const rows = this.#rows.get(binding) ?? 0;
    if (table === undefined || table.size === rows) return;
    for (const text of [...table.values()].slice(rows)) {
      this.#seen.add(Number((JSON.parse(text) as Document)['number']));
    }
    this.#rows.set(binding, table.size);
  }
}
