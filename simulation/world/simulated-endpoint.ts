import type { Document } from '@aftercommit/models';
import type { MaterializationBinding } from '@aftercommit/runtime-adapter';
import type { MemoryEndpoint } from '@aftercommit/testkit';

export const materialization = 'acme/simulated';
export const collection = 'acme/events';

/** One collection in two tables: what is merged has to be looked up, and the log shows each document that was committed. */
export const bindings: readonly MaterializationBinding[] = [
  { collection, resourcePath: ['events'], key: ['/id'], reduce: 'merge' },
  { collection, resourcePath: ['log'], key: ['/id'], isDelta: true },
];
export const logBinding = 1;

/** Which documents a reader of the endpoint sees, by their numbers. */
export class VisibleDocuments {
  readonly #endpoint: MemoryEndpoint;
  readonly #seen = new Set<number>();
  #rows = 0;

  constructor(endpoint: MemoryEndpoint) {
    this.#endpoint = endpoint;
  }

  has(number: number): boolean {
    this.#look();
    return this.#seen.has(number);
  }

  /** The log only grows: what was seen once is there. */
  #look(): void {
    const table = this.#endpoint.copy().tables.get(logBinding);
    if (table === undefined || table.size === this.#rows) return;
    for (const text of [...table.values()].slice(this.#rows)) {
      this.#seen.add(Number((JSON.parse(text) as Document)['number']));
    }
    this.#rows = table.size;
  }
}
