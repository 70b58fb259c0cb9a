import { compareText, type Window } from '@aftercommit/models';
import { bytesOf, type Collection } from '../world/collection.js';
import { bindings } from '../world/simulated-endpoint.js';
import { assertThat } from './violation.js';

/** A transaction with documents, and for whom it counts. */
export type Commit = {
  transactionId: string;
  runId: string;
  docs: number;
  bytes: number;
  /** The numbers of its documents. */
  documents: readonly number[];
  /** Ids of the triggers that were configured when it was committed, and of those it was given to when it was adopted. */
  configuredFor: Set<string>;
};

/** Everything that was ever committed, by the endpoint or by the store. */
export class Commits {
  readonly #collection: Collection;
  readonly #byRunId = new Map<string, Commit>();
  /** The documents of transactions that were given to the endpoint, committed or not. */
  readonly #documents = new Map<string, readonly number[]>();
  /** For transactions that the endpoint has committed: who was configured then. */
  readonly #committedAtEndpoint = new Map<string, readonly string[]>();

  constructor(collection: Collection) {
    this.#collection = collection;
  }

  /** A transaction reached the endpoint. */
  noteDocuments(transactionId: string, documents: readonly number[]): void {
    this.#documents.set(transactionId, documents);
  }

  /** The endpoint, which owns the runtime checkpoint, has committed it: from now on it counts. */
  noteEndpointCommit(transactionId: string, configuredFor: readonly string[]): void {
    this.#committedAtEndpoint.set(transactionId, configuredFor);
  }

  /** The store has it as a commit. */
  noteStoreCommit(transactionId: string, window: Window, configuredFor: readonly string[]): Commit {
    const documents = this.#documents.get(transactionId);
    assertThat(documents !== undefined, 'I2', () => `transaction ${transactionId} never reached the endpoint`);
    const { run_id: runId, docs_total: docs, bytes_total: bytes } = window;
    this.#checkWindow(window, documents);
    const known = this.#byRunId.get(runId);
    assertThat(known === undefined, 'commit', () => `two commits have the run id ${runId}`);
    const atEndpoint = this.#committedAtEndpoint.get(transactionId) ?? [];
    const commit = {
      transactionId,
      runId,
      docs,
      bytes,
      documents,
      configuredFor: new Set([...configuredFor, ...atEndpoint]),
    };
    this.#byRunId.set(runId, commit);
    return commit;
  }

  /** What the window says is what the transaction's documents are. */
  #checkWindow(window: Window, documents: readonly number[]): void {
    const read = new Set(documents.map((number) => this.#collection[number]?.collection));
    const bound = bindings.filter(({ collection }) => read.has(collection as Collection[number]['collection']));
    const expected = {
      docs_total: documents.length,
      bytes_total: documents.reduce((sum, number) => sum + bytesOf(number), 0),
      collection_names: [...new Set(bound.map(({ collection }) => collection))].sort(),
      resource_paths: bound
        .map(({ resourcePath }) => resourcePath)
        .sort((left, right) => compareText(left.join('/'), right.join('/'))),
    };
    const { docs_total, bytes_total, collection_names, resource_paths } = window;
    const said = { docs_total, bytes_total, collection_names, resource_paths };
    const isSame = JSON.stringify(said) === JSON.stringify(expected);
    assertThat(
      isSame,
      'window',
      () => `${window.run_id} says ${JSON.stringify(said)}, and has ${JSON.stringify(expected)}`,
    );
  }

  of(runId: string): Commit | undefined {
    return this.#byRunId.get(runId);
  }

  get all(): Commit[] {
    return [...this.#byRunId.values()];
  }

  /** Transactions that the endpoint has committed and the store never learnt of. */
  get unknownToStore(): string[] {
    const known = new Set(this.all.map(({ transactionId }) => transactionId));
    return [...this.#committedAtEndpoint.keys()].filter(
      (id) => !known.has(id) && (this.#documents.get(id)?.length ?? 0) > 0,
    );
  }
}
