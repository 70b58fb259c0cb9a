import type { StoredOutbox } from '@aftercommit/persistence/records';
import type { AttemptOutcome, Trigger } from '@aftercommit/registry';
import type { AttemptBeginning } from './attempt-tracing.js';
import type { CompiledTrigger } from './compiled-trigger.js';
import { Countdown } from './countdown.js';
import { deliveryError } from './delivery-error.js';
import { afterFailure, type FailedAttempt, heldAfterFailure, leftMs, untried } from './delivery-round.js';
import type { LaneContext } from './lane-context.js';
import { makeAttempt } from './make-attempt.js';
import type { Outbox } from './outbox.js';
import type { QueuedWindow } from './window-queue.js';

/** The attempts of a lane at its oldest window: when the next is due, and what follows from each. */
export class LaneRounds {
  readonly #trigger: CompiledTrigger;
  readonly #opened: Trigger;
  readonly #outbox: Outbox;
  readonly #context: LaneContext;
  /** Until the next attempt is due. */
  readonly #turn: Countdown;
  /** Aborts when the session may do nothing more: an attempt in flight is given up at once. */
  readonly #lost = new AbortController();
  /** How long the last attempt took. */
  #attemptMs = 0;
  #isHeld = false;
  #isFullSaid = false;

  constructor(
    { trigger, opened, stored }: { trigger: CompiledTrigger; opened: Trigger; stored: StoredOutbox },
    outbox: Outbox,
    context: LaneContext,
  ) {
    this.#trigger = trigger;
    this.#opened = opened;
    this.#outbox = outbox;
    this.#context = context;
    this.#turn = new Countdown(context.clock, leftMs(stored.delivery ?? untried, context.clock));
    // One that an earlier session could not park: as under `block`, a new session begins a new round.
    const hadItsRound = (stored.delivery?.attempts ?? 0) >= trigger.maxAttempts;
    if (trigger.onFailure === 'park' && outbox.parked.isFull && hadItsRound) outbox.beginRound();
  }

  /** Milliseconds until the next attempt is due. */
  get leftMs(): number {
    return this.#turn.leftMs;
  }

  /** Whether the delivery has had its round, and cannot be parked because too much is. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** One that has had its round, and cannot be parked, gets one more, after the wait it has earned. */
  beginAnother(): void {
    if (this.#isHeld) this.#outbox.beginRound();
    this.#isHeld = false;
  }

  /** Something parked was replayed or dropped: there may be room again for one that could not be parked. */
  roomWasMade(): void {
    if (this.#outbox.parked.isFull) return;
    this.#isHeld = false;
    this.#isFullSaid = false;
  }

  /** The session is lost: gives an attempt in flight up. Nothing of it can be stored any more. */
  lose(): void {
    this.#lost.abort();
  }

  /** @throws StoreError when what is needed to note its outcome cannot be read: it was not made then. */
  async attempt(head: QueuedWindow): Promise<AttemptOutcome> {
    await this.#outbox.prepare();
    const { clock, trace } = this.#context;
    const beganAt = clock.monotonic();
    const outcome =
      trace === undefined
        ? await this.#make(head)
        : await trace(this.#beginning(head), (traceparent) => this.#make(head, traceparent));
    this.#attemptMs = Math.round((clock.monotonic() - beganAt) * 1_000) / 1_000;
    return outcome;
  }

  /**
   * Stores how the attempt ended, and tells it. Told last: an observer that throws ends the session, and must not make a
   * delivery fire again.
   *
   * @throws DeliveryError when the round is over and the policy is `block`.
   */
  async note(head: QueuedWindow, outcome: AttemptOutcome): Promise<void> {
    if (outcome.outcome === 'delivered') await this.#clear(head);
    else await this.#noteFailure(head, outcome);
  }

  async #clear(head: QueuedWindow): Promise<void> {
    const about = this.#about(head);
    await this.#outbox.clear(head);
    this.#goOn();
    this.#context.observe({ event: 'attempt', ...about, durationMs: this.#attemptMs, outcome: 'delivered' });
    this.#context.observe({ event: 'delivered', ...about });
  }

  async #noteFailure(head: QueuedWindow, failed: FailedAttempt): Promise<void> {
    const { redactor, clock, observe } = this.#context;
    const { name, target, maxAttempts, onFailure } = this.#trigger;
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
    const next = isLast ? {} : { nextAttemptInMs: after.waitMs };
    observe({ event: 'attempt', ...about, durationMs: this.#attemptMs, outcome, reason, ...next });
    if (isLast) throw deliveryError({ name, target: redactor.scrub(target) }, about.runId, about.attempt, failed);
  }

  async #park(head: QueuedWindow, { outcome: how, reason }: FailedAttempt): Promise<void> {
    const about = this.#about(head);
    const outcome = how === 'rejected' ? 'rejected' : 'exhausted';
    await this.#outbox.park(head, { attempts: about.attempt, outcome, reason });
    this.#goOn();
    this.#context.observe({ event: 'attempt', ...about, durationMs: this.#attemptMs, outcome: how, reason });
    this.#context.observe({ event: 'parked', ...about, outcome, reason });
  }

  /** No more can be parked: the delivery stays, and is tried on. */
  #hold(): void {
    this.#isHeld = true;
    this.#context.settling.notify();
    if (this.#isFullSaid) return;
    this.#isFullSaid = true;
    const { logger, materialization } = this.#context;
    logger.warn(
      `${materialization}: trigger "${this.#trigger.name}": ${this.#outbox.parked.count} deliveries are parked, and no ` +
        'more can be. The next one is tried every 30 s, and what commits meanwhile is united behind it, until some are ' +
        'replayed or dropped.',
      { materialization, trigger: this.#trigger.name, parked: this.#outbox.parked.count },
    );
  }

  /** The oldest window left the queue: the next one begins anew. */
  #goOn(): void {
    this.#isHeld = false;
    this.#context.settling.notify();
  }

  #make(head: QueuedWindow, traceparent?: string): Promise<AttemptOutcome> {
    const { state, clock, redactor } = this.#context;
    return makeAttempt({
      trigger: this.#trigger,
      opened: this.#opened,
      idempotencyKey: head.idempotencyKey,
      window: head.window,
      number: this.#about(head).attempt,
      epoch: state.fence.epoch,
      clock,
      redactor,
      lost: this.#lost.signal,
      traceparent,
    });
  }

  #beginning(head: QueuedWindow): AttemptBeginning {
    const { materialization, state, redactor } = this.#context;
    const { kind, target } = this.#trigger;
    const epoch = String(state.fence.epoch);
    return { materialization, ...this.#about(head), kind: kind.kind, target: redactor.scrub(target), epoch };
  }

  #about({ idempotencyKey, window }: QueuedWindow): About {
    const attempt = (this.#outbox.delivery?.attempts ?? 0) + 1;
    return { trigger: this.#trigger.name, runId: window.run_id, idempotencyKey, attempt };
  }
}

/** Which attempt of which delivery. */
type About = { trigger: string; runId: string; idempotencyKey: string; attempt: number };
