import { ClockRange, type Clocks, clockToRfc3339, sortedNames, sortedPaths, type Window } from '@aftercommit/models';
import { SessionError } from './session-error.js';

/** A collection bound to a resource of the endpoint. */
export type Binding = {
  /** The collection's name. */
  collection: string;
  /** The resource as its path: `['public', 'users']`. */
  resourcePath: string[];
};

/** What one binding contributed to a transaction. */
export type BindingStats = Binding & {
  /** Source documents that went to it. */
  docs: number;
  /** Their bytes as read. */
  bytes: number;
  /** Earliest and latest clock of the documents; undefined: none had one. */
  clocks: Clocks | undefined;
};

/** The materialization a window is of. */
export type WindowSubject = {
  /** Its name. */
  materialization: string;
  /** The image of its connector; `''` for endpoints that are not images. */
  connectorImage: string;
  /** When the transaction started. */
  runId: string;
};

/** How many documents a transaction read, and how long they were. */
export type DocumentTotals = {
  /** Each counted once. */
  docs: number;
  /** As read. */
  bytes: number;
};

/**
 * The window of a transaction; undefined when it had no documents: then nothing fires.
 *
 * @param totals Each document once, also one that went to several bindings. Undefined: none did, the bindings' sums.
 */
export function windowFromStats(
  subject: WindowSubject,
  bindings: readonly BindingStats[],
  totals: DocumentTotals = sums(bindings),
): Window | undefined {
  const contributing = bindings.filter(({ docs }) => docs > 0);
  if (contributing.length === 0) return undefined;
  const clocks = contributing.flatMap((binding) => binding.clocks ?? []);
  const minima = clocks.map(({ min }) => min);
  const maxima = clocks.map(({ max }) => max);
  return {
    materialization_name: subject.materialization,
    connector_image: subject.connectorImage,
    collection_names: sortedNames(contributing.map(({ collection }) => collection)),
    resource_paths: sortedPaths(contributing.map(({ resourcePath }) => resourcePath)),
    flow_published_at_min: clocks.length === 0 ? '' : clockToRfc3339(minima.reduce((a, b) => (b < a ? b : a))),
    flow_published_at_max: clocks.length === 0 ? '' : clockToRfc3339(maxima.reduce((a, b) => (b > a ? b : a))),
    run_id: subject.runId,
    docs_total: totals.docs,
    bytes_total: totals.bytes,
  };
}

function sums(bindings: readonly BindingStats[]): DocumentTotals {
  return {
    docs: bindings.reduce((total, { docs }) => total + docs, 0),
    bytes: bindings.reduce((total, { bytes }) => total + bytes, 0),
  };
}

/** What was counted for one binding so far. */
type BindingCounts = { readonly binding: Binding; docs: number; bytes: number; readonly range: ClockRange };

/** A transaction being read: counts what its window will say. Made by `TriggerSession.begin`. */
export class Transaction {
  /** Random: tells it from every other one. */
  readonly id: string;
  /** When it began: an RFC 3339 timestamp, above that of every earlier transaction of the task. */
  readonly runId: string;
  readonly #subject: WindowSubject;
  readonly #counts: ReadonlyArray<BindingCounts>;
  readonly #totals: DocumentTotals = { docs: 0, bytes: 0 };
  #isSealed = false;

  /** `TriggerSession.begin` makes them: one made by hand can be counted, and not staged. */
  constructor(id: string, subject: WindowSubject, bindings: readonly Binding[]) {
    this.id = id;
    this.runId = subject.runId;
    this.#subject = subject;
    this.#counts = bindings.map((binding) => ({ binding, docs: 0, bytes: 0, range: new ClockRange() }));
  }

  /**
   * Counts one source document, as it was read.
   *
   * @param binding The index of its binding, as the session was opened with; several for one that goes to several.
   * @param document `bytes`: its length as read. `uuid`: its `/_meta/uuid`; undefined, or one without a version-1
   *   clock: the document has no clock.
   * @throws SessionError `SESSION_ARGUMENT_INVALID` for a binding that does not exist or a length that is no whole number;
   *   `SESSION_OUT_OF_ORDER` after the transaction was staged: its window is what was counted by then.
   */
  add(binding: number | readonly number[], document: { bytes: number; uuid?: string | undefined }): void {
    if (this.#isSealed) {
      throw new SessionError('SESSION_OUT_OF_ORDER', 'add() was called after stage(): begin a transaction anew.');
    }
    const { bytes, uuid } = document;
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      const message = `The length of a document must be a whole number of bytes, not ${bytes}.`;
      throw new SessionError('SESSION_ARGUMENT_INVALID', message);
    }
    if (typeof binding === 'number') count(this.#countsOf(binding), bytes, uuid);
    else for (const counts of binding.map((index) => this.#countsOf(index))) count(counts, bytes, uuid);
    this.#totals.docs += 1;
    this.#totals.bytes += bytes;
  }

  #countsOf(binding: number): BindingCounts {
    const counts = this.#counts[binding];
    if (counts !== undefined) return counts;
    const message = `There is no binding ${binding}: the session was opened with ${this.#counts.length}.`;
    throw new SessionError('SESSION_ARGUMENT_INVALID', message);
  }

  /** Nothing can be added any more. Called by `stage`. */
  seal(): void {
    this.#isSealed = true;
  }

  /** What triggers will see of it, once committed; undefined while it has no documents. */
  get window(): Window | undefined {
    const stats = this.#counts.map(({ binding, docs, bytes, range }) => ({
      ...binding,
      docs,
      bytes,
      clocks: range.clocks,
    }));
    return windowFromStats(this.#subject, stats, this.#totals);
  }
}

function count(counts: BindingCounts, bytes: number, uuid: string | undefined): void {
  counts.docs += 1;
  counts.bytes += bytes;
  if (uuid !== undefined) counts.range.add(uuid);
}
