import type { Window } from '@aftercommit/models';
import type { TaskState } from '@aftercommit/persistence';
import type { StoredOutbox } from '@aftercommit/persistence/records';
import type { AttemptOutcome, Clock, Logger, Random, Trigger } from '@aftercommit/registry';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { CompiledTrigger } from './compiled-trigger.js';
import { Condition } from './condition.js';
import { Countdown } from './countdown.js';
import { deliveryError } from './delivery-error.js';
import type { ObserveDelivery } from './delivery-event.js';
import { intervalSince } from './delivery-interval.js';
import { afterFailure, type FailedAttempt, heldAfterFailure, leftMs, untried } from './delivery-round.js';
import { makeAttempt } from './make-attempt.js';
import { Outbox, type ParkedRequest } from './outbox.js';
import type { QueuedWindow } from './window-queue.js';

/** What the lanes of a session share. */
export type LaneContext = {
  materialization: string;
  state: TaskState;
  clock: Clock;
  random: Random;
  /** Scrubs already. */
  logger: Logger;
  redactor: Redactor;
  observe: ObserveDelivery;
  /** Notified whenever a lane holds up its host less than before. */
  settling: Condition;
};

/** What a host whose sources have ended waits for. */
export type DrainOptions = {
  /** Also for what waits for its interval. Default false. */
  intervals?: boolean;
};

/** Waiting windows beyond this many are united: storage stays bounded (I9), and nothing is dropped for it. */
const backlogLimit = 100;

/**
 * The one worker of an outbox: first in, first out, one attempt at a time (I5). It alone writes to the outbox, except for
 * the commit, which only adds.
 */
export class Lane {
  readonly trigger: CompiledTrigger;
  readonly #opened: Trigger;
  readonly #context: LaneContext;
  readonly #outbox: Outbox;
  /** Until the next attempt of the delivery is due. */
  readonly #turn: Countdown;
  readonly #interval: Countdown;
  readonly #requests: ParkedRequest[] = [];
  /** Set: the sources have ended, and somebody waits for what is due. */
  #drain: DrainOptions | undefined;
  /** The delivery has had its round, and cannot be parked because too much is. */
  #isHeld = false;
  #isFullSaid = false;
  readonly #stop = new AbortController();
  /** Aborts when the session may do nothing more: an attempt in flight is given up at once. */
  readonly #lost = new AbortController();
  readonly #wake = new Condition();
  #nap: AbortController | undefined;
  /** What the operator was told to be waiting. Once: timers that fire early, and a backlog that grows, are no news. */
  #announced: QueuedWindow | undefined;

  constructor(trigger: CompiledTrigger, opened: Trigger, stored: StoredOutbox, context: LaneContext) {
    const { state, clock } = context;
    this.trigger = trigger;
    this.#opened = opened;
    this.#context = context;
    this.#outbox = new Outbox(stored, state, clock);
    this.#turn = new Countdown(clock, leftMs(stored.delivery ?? untried, clock));
    this.#interval = intervalSince(trigger.intervalMs ?? 0, stored.lastFired?.at, clock);
    // One that an earlier session could not park: as under `block`, a new session begins a new round.
    const hadItsRound = (stored.delivery?.attempts ?? 0) >= trigger.maxAttempts;
    if (trigger.onFailure === 'park' && this.#outbox.parked.isFull && hadItsRound) this.#outbox.beginRound();
  }

  /** A window was committed. It may fire after the next `acknowledged`. */
  add(runId: string, idempotencyKey: string, window: Window): void {
    this.#outbox.queue.add({ place: runId, idempotencyKey, window });
  }

  /** Everything committed so far is visible in the endpoint: it may fire. */
  acknowledged(): void {
    this.#outbox.queue.release();
    this.#rouse();
  }

  /** A person wants something done with what is parked. */
  ask(request: ParkedRequest): void {
    this.#requests.push(request);
    this.#rouse();
  }

  /** The sources have ended: what waits is united, and a delivery that cannot be parked gets one more round. */
  drain(options: DrainOptions): void {
    this.#drain = options;
    if (this.#isHeld) this.#outbox.beginRound();
    this.#isHeld = false;
    this.#rouse();
  }

  /** Nobody waits for the end any more. */
  endDrain(): void {
    this.#drain = undefined;
  }

  /** Windows in the outbox, fired or not, that are not cleared. */
  get held(): number {
    return this.#outbox.queue.held;
  }

  /** Deliveries that were set aside. */
  get parked(): number {
    return this.#outbox.parked.count;
  }

  /** Whether its delivery has had its round, and cannot be parked because too much is. */
  get isStuck(): boolean {
    return this.#isHeld;
  }

  /** Whether the next commit has to wait for this lane. What waits for its interval blocks nothing. */
  get blocks(): boolean {
    return this.trigger.onFailure === 'block' && this.#isDue;
  }

  /** Whether everything due is delivered or parked. What waits for its interval is due only if the drain says so. */
  get isDrained(): boolean {
    if (this.#requests.length > 0) return false;
    if (this.#isHeld) return true;
    return this.#drain?.intervals === true ? this.#outbox.queue.released === 0 : !this.#isDue;
  }

  /** Begins no attempt from now on. One in flight runs to its deadline, and its outcome is stored. */
  stop(): void {
    this.#stop.abort();
    this.#rouse();
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
    const { queue } = this.#outbox;
    for (;;) {
      await this.#wake.until(() => this.#stopped || this.#needsTending || queue.head !== undefined);
      await this.#tend();
      if (this.#stopped) return;
      const { head } = queue;
      if (head === undefined) continue;
      if (this.#outbox.isDelivering) await this.#deliver(head);
      else if (this.#interval.leftMs > 0) await this.#awaitInterval(head);
      else await this.#take();
    }
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  get #isDue(): boolean {
    return this.#outbox.queue.released > 0 && (this.#outbox.isDelivering || this.#interval.leftMs === 0);
  }

  /** Wakes the lane, from a nap only if there is something to do. */
  #rouse(): void {
    if (this.#stopped || this.#needsTending) this.#nap?.abort();
    this.#wake.notify();
  }

  async #sleep(durationMs: number): Promise<void> {
    this.#nap = new AbortController();
    await this.#context.clock.sleep(durationMs, this.#nap.signal);
    this.#nap = undefined;
  }

  get #needsTending(): boolean {
    return this.#requests.length > 0 || this.#outbox.isBacklogged(this.#limit);
  }

  /** How many windows may wait here, the one being tried included. */
  get #limit(): number {
    const isEnding = this.#drain !== undefined && this.trigger.intervalMs === undefined;
    return isEnding || this.#isHeld ? 2 : backlogLimit;
  }

  /** Does what can be done beside the delivery that is being tried: what people ask for, and bounding what waits. */
  async #tend(): Promise<void> {
    while (!this.#stopped && this.#needsTending) {
      const [request] = this.#requests;
      if (request === undefined) await this.#outbox.bound(this.#limit);
      else await this.#answer(request);
    }
  }

  async #answer(request: ParkedRequest): Promise<void> {
    const unknown = await this.#outbox.answer(request);
    this.#requests.shift();
    this.#context.settling.notify();
    if (unknown.length > 0) this.#warn(`there is nothing to ${request.request} under ${unknown.join(', ')}`);
  }

  /** The delivery's next attempt, once it is due, and what follows from it. */
  async #deliver(head: QueuedWindow): Promise<void> {
    if (this.#turn.leftMs > 0) return await this.#sleep(this.#turn.leftMs);
    const outcome = await this.#attemptWhileTending(head);
    const { lost } = this.#context.state;
    if (lost.aborted) throw lost.reason;
    if (outcome.outcome === 'delivered') await this.#clear(head);
    else await this.#noteFailure(head, outcome);
  }

  /** An attempt can take as long as its timeout: what commits meanwhile is bounded, and people need not wait for it. */
  async #attemptWhileTending(head: QueuedWindow): Promise<AttemptOutcome> {
    let isOver = false;
    const attempting = this.#attempt(head).finally(() => {
      isOver = true;
      this.#wake.notify();
    });
    try {
      while (!isOver) {
        await this.#wake.until(() => isOver || (!this.#stopped && this.#needsTending));
        if (!isOver) await this.#tend();
      }
    } finally {
      await attempting;
    }
    return await attempting;
  }

  async #attempt({ idempotencyKey, window }: QueuedWindow): Promise<AttemptOutcome> {
    const { state, clock, redactor } = this.#context;
    return await makeAttempt({
      trigger: this.trigger,
      opened: this.#opened,
      idempotencyKey,
      window,
      number: (this.#outbox.delivery?.attempts ?? 0) + 1,
      epoch: state.fence.epoch,
      clock,
      redactor,
      lost: this.#lost.signal,
    });
  }

  async #clear(head: QueuedWindow): Promise<void> {
    const about = this.#about(head);
    await this.#outbox.clear(head);
    this.#goOn();
    // Told last: an observer that throws ends the session, and must not make the delivery fire again.
    this.#context.observe({ event: 'attempt', ...about, outcome: 'delivered' });
    this.#context.observe({ event: 'delivered', ...about });
  }

  /** Stores that an attempt failed and when the next may be made. When the round is over the lane parks, or ends. */
  async #noteFailure(head: QueuedWindow, failed: FailedAttempt): Promise<void> {
    const { redactor, clock, observe } = this.#context;
    const { name, target, maxAttempts, onFailure } = this.trigger;
    const before = this.#outbox.delivery ?? untried;
    const { isOver, record } = afterFailure(before, failed, maxAttempts, this.#context);
    const isParking = isOver && onFailure === 'park';
    if (isParking && !this.#outbox.parked.isFull) return await this.#park(head, failed);
    const about = this.#about(head);
    const after = isParking ? heldAfterFailure(before, failed, clock) : record;
    await this.#outbox.noteFailure(after);
    this.#turn.restart(after.waitMs);
    if (isParking) this.#hold();
    const isLast = isOver && !isParking;
    const { outcome, reason } = failed;
    observe({ event: 'attempt', ...about, outcome, reason, ...(isLast ? {} : { nextAttemptInMs: after.waitMs }) });
    if (isLast) throw deliveryError({ name, target: redactor.scrub(target) }, about.runId, about.attempt, failed);
  }

  async #park(head: QueuedWindow, { outcome: how, reason }: FailedAttempt): Promise<void> {
    const about = this.#about(head);
    const outcome = how === 'rejected' ? 'rejected' : 'exhausted';
    await this.#outbox.park(head, { attempts: about.attempt, outcome, reason });
    this.#goOn();
    this.#context.observe({ event: 'attempt', ...about, outcome: how, reason });
    this.#context.observe({ event: 'parked', ...about, outcome, reason });
  }

  /** The round of the delivery is over, and no more can be parked: it stays, and is tried on. */
  #hold(): void {
    this.#isHeld = true;
    this.#context.settling.notify();
    if (this.#isFullSaid) return;
    this.#isFullSaid = true;
    this.#warn(
      `${this.parked} deliveries are parked, and no more can be. The next one is tried every 30 s, and what commits ` +
        'meanwhile is united behind it, until some are replayed or dropped',
    );
  }

  /** The oldest window left the queue: the next one begins anew. */
  #goOn(): void {
    this.#isHeld = false;
    this.#turn.restart(0);
    this.#context.settling.notify();
  }

  /** Waits until the interval is over, the lane is stopped, or there is something to tend. */
  async #awaitInterval(head: QueuedWindow): Promise<void> {
    const { leftMs: forMs } = this.#interval;
    if (head !== this.#announced) {
      this.#announced = head;
      const { name } = this.trigger;
      const runId = head.window.run_id;
      this.#context.observe({ event: 'waiting', trigger: name, runId, forMs: Math.ceil(forMs) });
    }
    await this.#sleep(forMs);
  }

  /** With an interval: what may fire is taken as one delivery, and only then attempted. */
  async #take(): Promise<void> {
    await this.#outbox.take();
    this.#interval.restart(this.trigger.intervalMs ?? 0);
  }

  #about({ idempotencyKey, window }: QueuedWindow): About {
    const attempt = (this.#outbox.delivery?.attempts ?? 0) + 1;
    return { trigger: this.trigger.name, runId: window.run_id, idempotencyKey, attempt };
  }

  #warn(message: string): void {
    this.#context.logger.warn(`${this.#context.materialization}: trigger "${this.trigger.name}": ${message}.`);
  }
}

/** Which attempt of which delivery. */
type About = { trigger: string; runId: string; idempotencyKey: string; attempt: number };
