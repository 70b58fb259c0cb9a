import { uniteWindows, type Window } from '@aftercommit/models';
import { type TaskState, WriteBatch } from '@aftercommit/persistence';
import { type DeliveryRecord, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import type { AttemptOutcome, Clock, Random, Trigger } from '@aftercommit/registry';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { CompiledTrigger } from './compiled-trigger.js';
import { Condition } from './condition.js';
import { deliveryError } from './delivery-error.js';
import type { ObserveDelivery } from './delivery-event.js';
import { afterFailure, type FailedAttempt, leftMs, untried } from './delivery-round.js';
import { IntervalTimer } from './interval-timer.js';
import { makeAttempt } from './make-attempt.js';

/** What the lanes of a session share. */
export type LaneContext = {
  state: TaskState;
  clock: Clock;
  random: Random;
  redactor: Redactor;
  observe: ObserveDelivery;
  /** Notified whenever a lane blocks the next commit less than before. */
  settling: Condition;
};

/** `runId` is its place in the outbox, and all but always the window's own. */
type Waiting = { runId: string; idempotencyKey: string; window: Window; maybeSeen?: true };

/** Waiting windows beyond this many are united: storage stays bounded (I9), and nothing is dropped for it. */
const backlogLimit = 100;

/**
 * The one worker of an outbox: first in, first out, one attempt at a time (I5). It alone writes to the outbox, except for
 * the commit, which only adds.
 */
export class Lane {
  readonly trigger: CompiledTrigger;
  readonly #outboxId: string;
  readonly #opened: Trigger;
  readonly #context: LaneContext;
  /** Windows that may fire, oldest first. */
  readonly #waiting: Waiting[] = [];
  /** Committed, and not yet visible in the endpoint (I2). */
  #unacknowledged: Waiting[];
  /** Set: the oldest window is a delivery whose content and key are fixed (I4). */
  #delivery: DeliveryRecord | undefined;
  readonly #interval: IntervalTimer;
  readonly #stop = new AbortController();
  /** Aborts when the session may do nothing more: an attempt in flight is given up at once. */
  readonly #lost = new AbortController();
  readonly #wake = new Condition();
  /** What the operator was told to be waiting. Once: timers that fire early, and a backlog that grows, are no news. */
  #announced: Waiting | undefined;

  constructor(trigger: CompiledTrigger, opened: Trigger, outbox: StoredOutbox, context: LaneContext) {
    this.trigger = trigger;
    this.#opened = opened;
    this.#outboxId = outbox.id;
    this.#context = context;
    this.#unacknowledged = [...outbox.windows];
    this.#delivery = outbox.delivery;
    this.#interval = new IntervalTimer(trigger.intervalMs ?? 0, outbox.lastFired?.at, context.clock);
  }

  /** A window was committed. It may fire after the next `acknowledged`. */
  add(runId: string, idempotencyKey: string, window: Window): void {
    this.#unacknowledged.push({ runId, idempotencyKey, window });
  }

  /** Everything committed so far is visible in the endpoint: it may fire. */
  acknowledged(): void {
    if (this.#unacknowledged.length === 0) return;
    this.#waiting.push(...this.#unacknowledged);
    this.#unacknowledged = [];
    if (this.#isBacklogged) this.#interval.wake();
    this.#wake.notify();
  }

  /** Windows in the outbox, fired or not, that are not cleared. */
  get held(): number {
    return this.#waiting.length + this.#unacknowledged.length;
  }

  /** Whether the next commit has to wait for this lane. What waits for its interval blocks nothing. */
  get blocks(): boolean {
    return this.#waiting.length > 0 && (this.#isDelivering || this.#interval.leftMs === 0);
  }

  /** Begins no attempt from now on. One in flight runs to its deadline, and its outcome is stored. */
  stop(): void {
    this.#stop.abort();
    this.#interval.wake();
    this.#wake.notify();
  }

  /** The session is lost: gives an attempt in flight up. Nothing of it can be stored any more. */
  lose(): void {
    this.#lost.abort();
  }

  /**
   * Works until it is stopped.
   *
   * @throws DeliveryError when a delivery failed for good; StoreError when the store cannot be written.
   */
  async run(): Promise<void> {
    for (;;) {
      await this.#wake.until(() => this.#stopped || this.#waiting.length > 0);
      if (!this.#stopped) await this.#boundBacklog();
      if (this.#stopped) return;
      if (this.#isDelivering) await this.#deliver();
      else if (this.#interval.leftMs > 0) await this.#awaitInterval();
      else await this.#take();
    }
  }

  get #isDelivering(): boolean {
    return this.#delivery !== undefined || this.trigger.intervalMs === undefined;
  }

  /** The first window that may be united for the backlog's sake: behind the limit, and behind all that stay alone. */
  get #backlogFrom(): number {
    return Math.max(backlogLimit - 1, 1 + this.#waiting.findLastIndex(({ maybeSeen }) => maybeSeen === true));
  }

  get #isBacklogged(): boolean {
    return this.#waiting.length > this.#backlogFrom + 1;
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** One delivery, from its next attempt to its clear, or until it has to be left for the next session. */
  async #deliver(): Promise<void> {
    const [head] = this.#waiting;
    if (head === undefined) return;
    while (!this.#stopped) {
      await this.#awaitTurn();
      if (this.#stopped) return;
      const outcome = await this.#attempt(head);
      if (this.#context.state.lost.aborted) throw this.#context.state.lost.reason;
      if (outcome.outcome === 'delivered') return await this.#clear(head);
      await this.#noteFailure(head, outcome);
    }
  }

  async #attempt(head: Waiting): Promise<AttemptOutcome> {
    const { state, clock, redactor } = this.#context;
    const number = (this.#delivery?.attempts ?? 0) + 1;
    return await makeAttempt({
      trigger: this.trigger,
      opened: this.#opened,
      idempotencyKey: head.idempotencyKey,
      window: head.window,
      number,
      epoch: state.fence.epoch,
      clock,
      redactor,
      lost: this.#lost.signal,
    });
  }

  /** I3, I7: the window leaves the outbox by one durable write, after its delivery succeeded. */
  async #clear(head: Waiting): Promise<void> {
    const attempt = (this.#delivery?.attempts ?? 0) + 1;
    const { idempotencyKey, window } = head;
    const about = { trigger: this.trigger.name, runId: window.run_id, idempotencyKey, attempt };
    const batch = new WriteBatch().delete(taskKeys.window(this.#outboxId, head.runId));
    if (this.#delivery !== undefined) batch.delete(taskKeys.delivery(this.#outboxId));
    await this.#context.state.write(batch);
    this.#waiting.shift();
    this.#delivery = undefined;
    this.#context.settling.notify();
    // Told last: an observer that throws ends the session, and must not make the delivery fire again.
    this.#context.observe({ event: 'attempt', ...about, outcome: 'delivered' });
    this.#context.observe({ event: 'delivered', ...about });
  }

  /** Stores that an attempt failed and when the next may be made, and ends the lane when the round is over. */
  async #noteFailure(head: Waiting, failed: FailedAttempt): Promise<void> {
    const { state, redactor, observe } = this.#context;
    const { name, target, maxAttempts } = this.trigger;
    const { attempt, isOver, record } = afterFailure(this.#delivery ?? untried, failed, maxAttempts, this.#context);
    await state.write(new WriteBatch().put(taskKeys.delivery(this.#outboxId), record));
    this.#delivery = record;
    const runId = head.window.run_id;
    observe({
      event: 'attempt',
      trigger: name,
      runId,
      idempotencyKey: head.idempotencyKey,
      attempt,
      outcome: failed.outcome,
      reason: failed.reason,
      ...(isOver ? {} : { nextAttemptInMs: record.waitMs }),
    });
    if (isOver) throw deliveryError({ name, target: redactor.scrub(target) }, runId, attempt, failed);
  }

  /** Waits until the delivery's next attempt is due. */
  async #awaitTurn(): Promise<void> {
    const { clock } = this.#context;
    const forMs = leftMs(this.#delivery ?? untried, clock);
    if (forMs > 0) await clock.sleep(forMs, this.#stop.signal);
  }

  /** Sleeps until the interval is over, the lane is stopped, or there is more than the backlog may hold. */
  async #awaitInterval(): Promise<void> {
    if (this.#isBacklogged) return;
    const [head] = this.#waiting;
    if (head !== undefined && head !== this.#announced) {
      this.#announced = head;
      const { name } = this.trigger;
      const forMs = Math.ceil(this.#interval.leftMs);
      this.#context.observe({ event: 'waiting', trigger: name, runId: head.window.run_id, forMs });
    }
    await this.#interval.sleep();
  }

  /**
   * With an interval: one durable write makes everything that may fire one delivery, and remembers when. Only then
   * comes the first attempt (I4).
   */
  async #take(): Promise<void> {
    const batch = new WriteBatch();
    const alone = this.#waiting.findIndex(({ maybeSeen }) => maybeSeen === true);
    this.#unite(batch, 0, alone === -1 ? this.#waiting.length : Math.max(1, alone));
    batch.put(taskKeys.delivery(this.#outboxId), untried);
    batch.put(taskKeys.lastFired(this.#outboxId), { at: this.#context.clock.now() });
    await this.#context.state.write(batch);
    this.#delivery = untried;
    this.#interval.restart();
  }

  /** I9: united with a neighbour before any attempt, never dropped (I3). */
  async #boundBacklog(): Promise<void> {
    if (!this.#isBacklogged) return;
    const batch = new WriteBatch();
    this.#unite(batch, this.#backlogFrom, this.#waiting.length);
    await this.#context.state.write(batch);
  }

  /**
   * Unites what stands from one place to before another into one window, which keeps the key and run id of its first. A
   * window that a receiver may have seen is never among them: the union would be dropped there as a repetition (I4).
   */
  #unite(batch: WriteBatch, from: number, to: number): void {
    const [first, ...rest] = this.#waiting.slice(from, to);
    if (first === undefined || rest.length === 0) return;
    const window = rest.reduce((union, next) => uniteWindows(union, next.window), first.window);
    for (const { runId } of rest) batch.delete(taskKeys.window(this.#outboxId, runId));
    batch.put(taskKeys.window(this.#outboxId, first.runId), { idempotencyKey: first.idempotencyKey, window });
    this.#waiting.splice(from, to - from, { ...first, window });
  }
}
