import type { SpanContext } from '@opentelemetry/api';

/** A transaction that committed while somebody looked on. */
type SeenCommit = {
  /** When it was visible, in milliseconds since the Unix epoch. */
  at: number;
  /** The span of its transaction. */
  span: SpanContext;
};

/** Of so many commits of a materialization it is known at most, the newest: where a receiver is down, or an interval is long. */
const keptCommits = 1_000;

/**
 * When transactions committed, and in which span: a delivery knows only the run id of its first one. Of those that are not kept,
 * or that another process committed, the run id says when they began.
 */
export class RecentCommits {
  /** By materialization, and by run id in the order in which they committed. */
  readonly #commits = new Map<string, Map<string, SeenCommit>>();

  add({ materialization, runId, at }: { materialization: string; runId: string; at: string }, span: SpanContext): void {
    const seen = this.#commits.get(materialization) ?? new Map<string, SeenCommit>();
    this.#commits.set(materialization, seen.set(runId, { at: Date.parse(at), span }));
    if (seen.size <= keptCommits) return;
    for (const oldest of seen.keys()) {
      seen.delete(oldest);
      return;
    }
  }

  /** The span of a transaction. Undefined: its commit was not seen, or is not kept. */
  spanOf(materialization: string, runId: string): SpanContext | undefined {
    return this.#commits.get(materialization)?.get(runId)?.span;
  }

  /** When a transaction committed; if that is not known, when it began. In milliseconds since the Unix epoch. */
  timeOf(materialization: string, runId: string): number {
    return this.#commits.get(materialization)?.get(runId)?.at ?? Date.parse(runId);
  }

  /** Forgets those before the oldest window that an outbox holds: nobody asks for them any more. */
  trim(materialization: string, outboxes: ReadonlyArray<{ oldestRunId: string | undefined }>): void {
    const [first, ...others] = outboxes.flatMap(({ oldestRunId }) => oldestRunId ?? []);
    if (first === undefined) {
      this.#commits.delete(materialization);
      return;
    }
    const oldest = others.reduce((least, runId) => (runId < least ? runId : least), first);
    const seen = this.#commits.get(materialization) ?? new Map<string, SeenCommit>();
    for (const runId of seen.keys()) {
      if (runId >= oldest) return;
      seen.delete(runId);
    }
  }
}
