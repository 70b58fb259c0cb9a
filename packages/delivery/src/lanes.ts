import type { Window } from '@aftercommit/models';
import type { TaskState, WriteBatch } from '@aftercommit/persistence';
import { type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import type { Logger, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { AttemptSlots } from './attempt-slots.js';
import type { TraceAttempt } from './attempt-tracing.js';
import type { CompiledTrigger } from './compiled-trigger.js';
import { Condition } from './condition.js';
import type { ObserveDelivery } from './delivery-event.js';
import { idempotencyKey } from './idempotency-key.js';
import { type DrainOptions, Lane } from './lane.js';
import { closeTrigger, openTrigger } from './opened-trigger.js';
import type { ParkedRequest } from './outbox.js';
import type { OutboxStanding } from './outbox-standing.js';
import { scrubbingLogger } from './scrubbing-logger.js';

/** What the lanes of a session work with. */
export type LanesOptions = {
  /** The task that the lanes deliver for. */
  materialization: string;
  /** Where outcomes are written. When it is lost, every lane stops. */
  state: TaskState;
  /** One lane for each. */
  outboxes: ReadonlyArray<{
    /** What is delivered, and to whom. */
    trigger: CompiledTrigger;
    /** What it held when the task was opened. */
    outbox: StoredOutbox;
  }>;
  /** What trigger kinds may use: what they log is scrubbed on the way. */
  environment: TriggerEnvironment;
  /** Knows the secrets of every trigger: reasons and log messages are scrubbed by it. */
  redactor: Redactor;
  /** Told what happens to deliveries. */
  observe: ObserveDelivery;
  /** Undefined: as many attempts at a time as there are lanes. */
  slots?: AttemptSlots | undefined;
  /** Undefined: nobody traces. */
  trace?: TraceAttempt | undefined;
};

type OpenLane = { lane: Lane; opened: Trigger; outboxId: string };

/** A window under its trigger's key, as `stage` added it to a batch. */
export type StagedWindow = {
  /** The run id of its transaction. */
  runId: string;
  /** What payloads are rendered from. */
  window: Window;
  /** The idempotency keys of its deliveries, in the order of the lanes. */
  keys: string[];
};

/** All lanes of a session, side by side: a slow one delays no other. */
export class Lanes {
  readonly #options: Pick<LanesOptions, 'materialization' | 'environment' | 'redactor' | 'state'>;
  readonly #lanes: readonly OpenLane[];
  readonly #settling: Condition;
  #running: Promise<unknown> = Promise.resolve();

  /** Opens every trigger's kind; contacts nobody. Closes again what was opened when one fails. */
  static async open(options: LanesOptions): Promise<Lanes> {
    const { materialization, state, outboxes, environment, redactor, observe, slots, trace } = options;
    const { clock, random, logger } = environment;
    const settling = new Condition();
    const context = { materialization, state, clock, random, logger, redactor, observe, trace, settling, slots };
    // I8: kinds may say anything; what we say ourselves quotes no secret.
    const scrubbing = (trigger: string): Logger => scrubbingLogger(logger, redactor, { materialization, trigger });
    const lanes: OpenLane[] = [];
    try {
      for (const { trigger, outbox } of outboxes) {
        const ofKinds = { ...environment, logger: scrubbing(trigger.name) };
        const opened = await openTrigger(trigger, ofKinds, redactor);
        lanes.push({ lane: new Lane(trigger, opened, outbox, context), opened, outboxId: outbox.id });
      }
    } catch (error) {
      await Promise.allSettled(closing(lanes, options));
      throw error;
    }
    return new Lanes(options, lanes, settling);
  }

  private constructor(options: LanesOptions, lanes: readonly OpenLane[], settling: Condition) {
    const { materialization, environment, redactor, state } = options;
    // Without the outboxes as they were stored: what they held then is not kept.
    this.#options = { materialization, environment, redactor, state };
    this.#lanes = lanes.slice();
    this.#settling = settling;
  }

  /** Lets the lanes work. `onFailure` is told of the first error of each lane, which ends that lane. */
  run(onFailure: (error: unknown) => void): void {
    // One listener, however many triggers there are, and each lane passes it on.
    const { lost } = this.#options.state;
    const lose = (): void => {
      for (const { lane } of this.#lanes) lane.lose();
    };
    lost.addEventListener('abort', lose, { once: true });
    if (lost.aborted) lose();
    this.#running = Promise.all(this.#lanes.map(({ lane }) => lane.run().catch(onFailure)));
  }

  /** Ids of the outboxes that `stage` adds a window to. */
  get outboxIds(): string[] {
    return this.#lanes.map(({ outboxId }) => outboxId);
  }

  /** Adds the window to the batch, once for every trigger, under new keys. Changes nothing else. */
  stage(batch: WriteBatch, window: Window): StagedWindow {
    const keys = this.#lanes.map(({ lane, outboxId }) => {
      const record = {
        idempotencyKey: idempotencyKey(this.#options.materialization, lane.trigger.name, window.run_id),
        window,
      };
      const key = taskKeys.window(outboxId, window.run_id);
      batch.requireAbsent(key).put(key, record);
      return record.idempotencyKey;
    });
    return { runId: window.run_id, window, keys };
  }

  /** What was staged is committed. */
  add({ runId, window, keys }: StagedWindow): void {
    for (const [index, { lane }] of this.#lanes.entries()) lane.add(runId, keys[index] ?? '', window);
  }

  /** Everything committed is visible in the endpoint: it may fire. */
  acknowledged(): void {
    for (const { lane } of this.#lanes) lane.acknowledged();
  }

  /** Resolves when no lane holds up the next commit, or, after `stop`, when `isOver` says so. */
  async settled(isOver: () => boolean): Promise<void> {
    await this.#settling.until(() => isOver() || !this.#lanes.some(({ lane }) => lane.blocks));
  }

  /**
   * Resolves when everything due is delivered or parked, or, after `stop`, when `isOver` says so. For hosts whose sources
   * have ended: what waits in a lane is united first.
   */
  async drained(isOver: () => boolean, options: DrainOptions): Promise<void> {
    for (const { lane } of this.#lanes) lane.drain(options);
    try {
      await this.#settling.until(() => isOver() || this.#lanes.every(({ lane }) => lane.isDrained));
    } finally {
      for (const { lane } of this.#lanes) lane.endDrain();
    }
  }

  /** Hands a lane what a person asks of its outbox. False: no trigger has an outbox of that name. */
  ask(outbox: string, request: ParkedRequest): boolean {
    const asked = this.#lanes.find(({ lane }) => lane.trigger.name === outbox);
    asked?.lane.ask(request);
    return asked !== undefined;
  }

  /** Begins no attempt from now on; resolves when those in flight ended and their outcomes are stored. */
  async stop(): Promise<void> {
    for (const { lane } of this.#lanes) lane.stop();
    this.#settling.notify();
    await this.#running;
  }

  /** How the outbox of each trigger stands. */
  get standings(): OutboxStanding[] {
    return this.#lanes.map(({ lane }) => lane.standing);
  }

  /** How many windows each trigger that has some still holds. */
  get waiting(): Record<string, number> {
    return this.#counts((lane) => lane.held);
  }

  /** How many deliveries of each trigger that has some are parked. */
  get parked(): Record<string, number> {
    return this.#counts((lane) => lane.parked);
  }

  /** The triggers whose delivery has had its round, and cannot be parked because too much is. */
  get stuck(): string[] {
    return this.#lanes.filter(({ lane }) => lane.isStuck).map(({ lane }) => lane.trigger.name);
  }

  #counts(countOf: (lane: Lane) => number): Record<string, number> {
    const counts = this.#lanes.map(({ lane }) => [lane.trigger.name, countOf(lane)] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }

  /** Closes the triggers, all of them also when one cannot be closed. After `stop`. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(closing(this.#lanes, this.#options));
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }
}

function closing(
  lanes: readonly OpenLane[],
  { environment, redactor }: Pick<LanesOptions, 'environment' | 'redactor'>,
): Array<Promise<void>> {
  return lanes.map(({ lane, opened }) => closeTrigger(lane.trigger, opened, environment.clock, redactor));
}
