import { type Document, parseDocument } from '@aftercommit/models';
import type { Connector } from '@aftercommit/runtime-adapter';
import { MemoryConnector, type MemoryConnectorOptions } from './memory-endpoint-connector.js';
import { emptyState, type MemoryEndpointState } from './memory-endpoint-state.js';

/**
 * An endpoint that forgets everything with its process, for tests of loops. It keeps the contract of connectors to the
 * letter, and holds the host to its side of it: a call out of order is an error.
 */
export class MemoryEndpoint {
  #state = emptyState;

  /** A connector for one session. Any number may stand on one endpoint: sessions after each other, or zombies. */
  connect(options: MemoryConnectorOptions): Connector {
    return new MemoryConnector(options, (transaction) => {
      this.#state = transaction(this.#state);
      return this.#state;
    });
  }

  /** What a reader of the endpoint sees now, in the order in which the rows came to be. */
  rows(binding: number): Document[] {
    return [...(this.#state.tables.get(binding)?.values() ?? [])].map((text) => parseDocument(text) as Document);
  }

  /** All that the endpoint holds now, fence and stagings included. */
  copy(): MemoryEndpointState {
    return this.#state;
  }

  /** Puts back what it held, as an operator does who restores a backup. Sessions that are open stay so. */
  restore(copy: MemoryEndpointState): void {
    this.#state = copy;
  }
}
