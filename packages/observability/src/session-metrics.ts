import type { OutboxStanding } from '@aftercommit/delivery';
import type { ObserveSession } from '@aftercommit/runtime-adapter';
import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import { attribute, errorType } from './attributes.js';
import type { RecentCommits } from './recent-commits.js';
import { type SessionInstruments, type SessionMeter, sessionInstruments } from './session-instruments.js';

/** What is known of a materialization's session. */
type WatchedSession = {
  isOpen: boolean;
  /** It failed, and no other session took the task over. */
  hasFailed: boolean;
  outboxes: () => readonly OutboxStanding[];
  /** Of every trigger, by its name. */
  attributes: ReadonlyMap<string, Attributes>;
};

const unopened: WatchedSession = { isOpen: false, hasFailed: false, outboxes: () => [], attributes: new Map() };

/** The metrics of sessions: events are counted as they come, and how outboxes stand is asked when metrics are collected. */
export class SessionMetrics {
  readonly #instruments: SessionInstruments;
  readonly #commits: RecentCommits;
  readonly #now: () => number;
  /** By materialization, also those that have ended. */
  readonly #sessions = new Map<string, WatchedSession>();

  constructor(meter: SessionMeter, commits: RecentCommits, now: () => number) {
    this.#instruments = sessionInstruments(meter);
    this.#commits = commits;
    this.#now = now;
    const { openSessions, pendingWindows, pendingAge, parkedDeliveries } = this.#instruments;
    const gauges = [openSessions, pendingWindows, pendingAge, parkedDeliveries];
    meter.addBatchObservableCallback((result) => this.#collect(result), gauges);
  }

  readonly observe: ObserveSession = (event, outboxes) => {
    const { materialization } = event;
    const ofTask = { [attribute.materialization]: materialization };
    switch (event.event) {
      case 'opened':
        this.#sessions.set(materialization, opened(materialization, outboxes));
        return;
      case 'committed':
        this.#instruments.transactions.add(1, ofTask);
        this.#instruments.documents.add(event.docs, ofTask);
        this.#instruments.documentSize.add(event.bytes, ofTask);
        this.#instruments.commitDuration.record(event.commitMs / 1_000, ofTask);
        return;
      case 'attempt': {
        const outcome = { ...this.#attributesOf(event), [attribute.outcome]: event.outcome };
        this.#instruments.attempts.add(1, outcome);
        this.#instruments.attemptDuration.record(event.durationMs / 1_000, outcome);
        return;
      }
      case 'delivered': {
        const sinceMs = Date.parse(event.at) - this.#commits.timeOf(materialization, event.runId);
        this.#instruments.deliveryDuration.record(seconds(sinceMs), this.#attributesOf(event));
        return;
      }
      case 'failed':
        this.#instruments.failures.add(1, { ...ofTask, [attribute.errorType]: errorType(event.code) });
        this.#change(materialization, { hasFailed: !isFenced(event.code) });
        return;
      case 'ended':
        this.#end(materialization, outboxes());
        return;
      case 'parked':
      case 'waiting':
        return;
    }
  };

  /**
   * What a failed session leaves stays in sight: a trigger that is stuck may be the reason. What another one leaves is that of the
   * next session, which may be of another process, and would be told twice.
   */
  #end(materialization: string, left: readonly OutboxStanding[]): void {
    const { isOpen = false, hasFailed = false } = this.#sessions.get(materialization) ?? {};
    // One that could not be opened knows nothing of the outboxes: what was left before it is.
    if (isOpen || !hasFailed) this.#change(materialization, { outboxes: () => (hasFailed ? left : []) });
    this.#change(materialization, { isOpen: false });
  }

  #change(materialization: string, change: Partial<WatchedSession>): void {
    const session = this.#sessions.get(materialization) ?? unopened;
    this.#sessions.set(materialization, { ...session, ...change });
  }

  #attributesOf({ materialization, trigger }: { materialization: string; trigger: string }): Attributes | undefined {
    return this.#sessions.get(materialization)?.attributes.get(trigger);
  }

  #collect(result: BatchObservableResult): void {
    const { openSessions, pendingWindows, pendingAge, parkedDeliveries } = this.#instruments;
    for (const [materialization, { isOpen, outboxes, attributes }] of this.#sessions) {
      result.observe(openSessions, isOpen ? 1 : 0, { [attribute.materialization]: materialization });
      for (const { trigger, waiting, oldestRunId, parked } of outboxes()) {
        const about = attributes.get(trigger);
        result.observe(pendingWindows, waiting, about);
        result.observe(pendingAge, this.#ageOf(materialization, oldestRunId), about);
        result.observe(parkedDeliveries, parked, about);
      }
    }
  }

  /** In seconds. */
  #ageOf(materialization: string, runId: string | undefined): number {
    return runId === undefined ? 0 : seconds(this.#now() - this.#commits.timeOf(materialization, runId));
  }
}

function opened(materialization: string, outboxes: () => readonly OutboxStanding[]): WatchedSession {
  const attributes = outboxes().map(({ trigger, kind }) => {
    const about = {
      [attribute.materialization]: materialization,
      [attribute.trigger]: trigger,
      [attribute.kind]: kind,
    };
    return [trigger, about] as const;
  });
  return { isOpen: true, hasFailed: false, outboxes, attributes: new Map(attributes) };
}

function isFenced(code: string): boolean {
  return code === 'STORE_FENCED' || code === 'ENDPOINT_FENCED';
}

/** Never below 0, though the clock may have stepped back. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}
