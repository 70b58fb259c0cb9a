import type { Window } from '@aftercommit/models';
import type { StoredOutbox } from '@aftercommit/persistence/records';
import type { AttemptOutcome, Trigger } from '@aftercommit/registry';
import type { AttemptSlots } from './attempt-slots.js';
import type { CompiledTrigger } from './compiled-trigger.js';
import { Condition } from './condition.js';
import type { Countdown } from './countdown.js';
import { intervalSince } from './delivery-interval.js';
import type { LaneContext } from './lane-context.js';
import { LaneRounds } from './lane-rounds.js';
import { Outbox, type ParkedRequest } from './outbox.js';
import type { OutboxStanding } from './outbox-standing.js';
import type { QueuedWindow } from './window-queue.js';

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
  readonly #context: LaneContext;
  readonly #outbox: Outbox;
  readonly #rounds: LaneRounds;
  readonly #interval: Countdown;
  readonly #requests: ParkedRequest[] = [];
  /** Set: a delivery that cannot be parked gets one more round, once no attempt of it is in flight. */
  #isRoundWanted = false;
  /** Set: the sources have ended, and somebody waits for what is due. */
  #drain: DrainOptions | undefined;
  #isStopped = false;
  readonly #wake = new Condition();
  #nap: AbortController | undefined;
  /** What the operator was told to be waiting. Once: timers that fire early, and a backlog that grows, are no news. */
  #announced: QueuedWindow | undefined;

  constructor(trigger: CompiledTrigger, opened: Trigger, stored: StoredOutbox, context: LaneContext) {
    const { state, clock } = context;
    this.trigger = trigger;
    this.#context = context;
    this.#outbox = new Outbox(stored, state, clock);
    this.#rounds = new LaneRounds({ trigger, opened, stored }, this.#outbox, context);
    this.#interval = intervalSince(trigger.intervalMs ?? 0, stored.lastFired?.at, clock);
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
    this.#isRoundWanted = this.isStuck;
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

  /** How its outbox stands. */
  get standing(): OutboxStanding {
    const { name: trigger, kind } = this.trigger;
    const oldestRunId = this.#outbox.queue.oldest?.window.run_id;
    return { trigger, kind: kind.kind, waiting: this.held, oldestRunId, parked: this.parked };
  }

  /** Whether its delivery has had its round, and cannot be parked because too much is. */
  get isStuck(): boolean {
    return this.#rounds.isHeld;
  }

  /** Whether the next commit has to wait for this lane. What waits for its interval blocks nothing. */
  get blocks(): boolean {
    return this.trigger.onFailure === 'block' && this.#isDue;
  }

  /** Whether everything due is delivered or parked. What waits for its interval is due only if the drain says so. */
  get isDrained(): boolean {
    if (this.#requests.length > 0 || this.#isRoundWanted) return false;
    if (this.isStuck) return true;
    return this.#drain?.intervals === true ? this.#outbox.queue.released === 0 : !this.#isDue;
  }

  /** Begins no attempt from now on. One in flight runs to its deadline, and its outcome is stored. */
  stop(): void {
    this.#isStopped = true;
    this.#rouse();
  }

  /** The session is lost: gives an attempt in flight up. Nothing of it can be stored any more. */
  lose(): void {
    this.#rounds.lose();
  }

  /**
   * Works until it is stopped.
   *
   * @throws DeliveryError when a delivery failed for good; StoreError when the store cannot be written.
   */
  async run(): Promise<void> {
    const { queue } = this.#outbox;
    for (;;) {
      await this.#wake.until(() => this.#isStopped || this.#needsTending || queue.head !== undefined);
      while (!this.#isStopped && this.#needsTending) await this.#tend();
      if (this.#isStopped) return;
      if (this.#isRoundWanted) this.#beginAnotherRound();
      const { head } = queue;
      if (head === undefined) continue;
      if (this.#outbox.isDelivering) await this.#deliver(head);
      else if (this.#interval.leftMs > 0) await this.#awaitInterval(head);
      else await this.#take();
    }
  }

  get #isDue(): boolean {
    return this.#outbox.queue.released > 0 && (this.#outbox.isDelivering || this.#interval.leftMs === 0);
  }

  /** Wakes the lane, from a nap only if there is something to do. */
  #rouse(): void {
    if (this.#isStopped || this.#needsTending || this.#isRoundWanted) this.#nap?.abort();
    this.#wake.notify();
  }

  #beginAnotherRound(): void {
    this.#isRoundWanted = false;
    this.#rounds.beginAnother();
  }

  async #sleep(durationMs: number): Promise<void> {
    await this.#napUntil((signal) => this.#context.clock.sleep(durationMs, signal));
  }

  /** Waits until fewer attempts are in flight. False: something else comes first. */
  async #takeSlot(slots: AttemptSlots): Promise<boolean> {
    const isTaken = await this.#napUntil((signal) => slots.take(signal));
    if (isTaken && this.#isStopped) slots.free();
    return isTaken && !this.#isStopped;
  }

  /** Waits for something that the signal ends as soon as there is something to do. */
  async #napUntil<Result>(wait: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    this.#nap = new AbortController();
    const result = await wait(this.#nap.signal);
    this.#nap = undefined;
    return result;
  }

  get #needsTending(): boolean {
    return this.#requests.length > 0 || this.#outbox.isBacklogged(this.#limit);
  }

  /** How many windows may wait here, the one being tried included. */
  get #limit(): number {
    const isEnding = this.#drain !== undefined && this.trigger.intervalMs === undefined;
    return isEnding || this.isStuck ? 2 : backlogLimit;
  }

  /** Does one thing that can be done beside the delivery being tried: what people ask for, or bounding what waits. */
  async #tend(): Promise<void> {
    const [request] = this.#requests;
    if (request === undefined) await this.#outbox.bound(this.#limit);
    else await this.#answer(request);
  }

  async #answer(asked: ParkedRequest): Promise<void> {
    const unknown = await this.#outbox.answer(asked);
    this.#requests.shift();
    this.#rounds.roomWasMade();
    const { logger, materialization, settling } = this.#context;
    settling.notify();
    if (unknown.length === 0) return;
    const what = `there is nothing to ${asked.request} under ${unknown.join(', ')}`;
    const { name: trigger } = this.trigger;
    logger.warn(`${materialization}: trigger "${trigger}": ${what}.`, { materialization, trigger });
  }

  /** The next attempt of a delivery, once it is due, and what follows from it. */
  async #deliver(head: QueuedWindow): Promise<void> {
    const { leftMs } = this.#rounds;
    if (leftMs > 0) return await this.#sleep(leftMs);
    const { slots } = this.#context;
    if (slots !== undefined && !(await this.#takeSlot(slots))) return;
    const outcome = await this.#attemptWhileTending(head).finally(() => slots?.free());
    const { lost } = this.#context.state;
    if (lost.aborted) throw lost.reason;
    await this.#rounds.note(head, outcome);
  }

  /** An attempt can take as long as its timeout: what commits meanwhile is bounded, and people need not wait for it. */
  async #attemptWhileTending(head: QueuedWindow): Promise<AttemptOutcome> {
    let isOver = false;
    const attempting = this.#rounds.attempt(head).finally(() => {
      isOver = true;
      this.#wake.notify();
    });
    try {
      while (!isOver) {
        await this.#wake.until(() => isOver || (!this.#isStopped && this.#needsTending));
        if (!isOver) await this.#tend();
      }
    } finally {
      await attempting;
    }
    return await attempting;
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
}
