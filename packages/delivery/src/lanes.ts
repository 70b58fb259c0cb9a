import type { Window } from '@aftercommit/models';
import { type StoredOutbox, type TaskState, taskKeys, type WriteBatch } from '@aftercommit/persistence';
import type { Clock, Random, Redactor, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import type { CompiledTrigger } from './compiled-trigger.js';
import { Condition } from './condition.js';
import type { ObserveDelivery } from './delivery-event.js';
import { errorMessage } from './error-message.js';
import { idempotencyKey } from './idempotency-key.js';
import { Lane } from './lane.js';
import { TriggerError } from './trigger-error.js';

/** What the lanes of a session work with. */
export type LanesOptions = {
  materialization: string;
  state: TaskState;
  outboxes: ReadonlyArray<{ trigger: CompiledTrigger; outbox: StoredOutbox }>;
  /** What trigger kinds may use; its logger scrubs already. */
  environment: TriggerEnvironment & { clock: Clock; random: Random };
  redactor: Redactor;
  observe: ObserveDelivery;
};

/** A window under its trigger's key, as `stage` added it to a batch. */
export type StagedWindow = { runId: string; window: Window; keys: string[] };

/** All lanes of a session, side by side: a slow one delays no other. */
export class Lanes {
  readonly #materialization: string;
  readonly #lanes: ReadonlyArray<{ lane: Lane; opened: Trigger; outbox: StoredOutbox }>;
  readonly #settling: Condition;
  readonly #redactor: Redactor;
  #running: Promise<unknown> = Promise.resolve();

  /** Opens every trigger's kind; contacts nobody. Closes again what was opened when one fails. */
  static async open(options: LanesOptions): Promise<Lanes> {
    const { materialization, state, outboxes, environment, redactor, observe } = options;
    const settling = new Condition();
    const context = { state, clock: environment.clock, random: environment.random, redactor, observe, settling };
    const lanes: Array<{ lane: Lane; opened: Trigger; outbox: StoredOutbox }> = [];
    try {
      for (const { trigger, outbox } of outboxes) {
        const opened = await openTrigger(trigger, environment, redactor);
        lanes.push({ lane: new Lane(trigger, opened, outbox, context), opened, outbox });
      }
    } catch (error) {
      await Promise.allSettled(lanes.map(async ({ opened }) => await opened.close?.()));
      throw error;
    }
    return new Lanes(materialization, lanes, settling, redactor);
  }

  private constructor(
    materialization: string,
    lanes: ReadonlyArray<{ lane: Lane; opened: Trigger; outbox: StoredOutbox }>,
    settling: Condition,
    redactor: Redactor,
  ) {
    this.#materialization = materialization;
    this.#lanes = lanes;
    this.#settling = settling;
    this.#redactor = redactor;
  }

  /** Lets the lanes work. `onFailure` is told of the first error of each lane, which ends that lane. */
  run(onFailure: (error: unknown) => void): void {
    this.#running = Promise.all(this.#lanes.map(async ({ lane }) => await lane.run().catch(onFailure)));
  }

  /** Adds the window to the batch, once for every trigger, under new keys. Changes nothing else. */
  stage(batch: WriteBatch, window: Window): StagedWindow {
    const keys = this.#lanes.map(({ lane, outbox }) => {
      const record = {
        idempotencyKey: idempotencyKey(this.#materialization, lane.trigger.name, window.run_id),
        window,
      };
      const key = taskKeys.window(outbox.id, window.run_id);
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

  /** Begins no attempt from now on; resolves when those in flight ended and their outcomes are stored. */
  async stop(): Promise<void> {
    for (const { lane } of this.#lanes) lane.stop();
    this.#settling.notify();
    await this.#running;
  }

  /** Closes the triggers. After `stop`. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.#lanes.map(async ({ opened }) => await opened.close?.()));
    for (const [index, result] of closed.entries()) {
      if (result.status === 'fulfilled') continue;
      throw this.#closeError(this.#lanes[index]?.lane.trigger.name ?? '', result.reason);
    }
  }

  #closeError(trigger: string, reason: unknown): TriggerError {
    const message = this.#redactor.scrub(errorMessage(reason));
    return new TriggerError('TRIGGER_NOT_CLOSED', trigger, `Trigger "${trigger}" could not be closed: ${message}`);
  }
}

/** What a kind throws can quote its configuration: only the scrubbed message goes on. */
async function openTrigger(
  trigger: CompiledTrigger,
  environment: TriggerEnvironment,
  redactor: Redactor,
): Promise<Trigger> {
  try {
    return await trigger.kind.open(trigger.config, environment);
  } catch (error) {
    const message = redactor.scrub(errorMessage(error));
    throw new TriggerError(
      'TRIGGER_NOT_OPENED',
      trigger.name,
      `Trigger "${trigger.name}" cannot be opened: ${message}`,
    );
  }
}
