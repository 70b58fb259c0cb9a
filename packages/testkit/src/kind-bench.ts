import assert from 'node:assert/strict';
import { type JsonObject, secretValues } from '@aftercommit/models';
import {
  type Attempt,
  type AttemptOutcome,
  type Clock,
  checkSettings,
  type Egress,
  egressGuard,
  type Trigger,
} from '@aftercommit/registry';
import { systemClock } from '@aftercommit/runtime-adapter';
import { KindScope } from './kind-scope.js';
import type { KindSubject, ReceivedDelivery } from './kind-subject.js';
import { KindVoices } from './kind-voices.js';
import { checkedOutcome } from './outcome-check.js';
import { sampleAttempt, sampleEnvironment } from './sample-attempt.js';
import { promptly, settled, turn } from './settling.js';

/** A case before its subject is known. `needs`: what of the subject it cannot do without. */
export type KindCase = {
  title: string;
  needs?: 'refuse' | 'reject' | 'hang' | 'hosts' | 'limit';
  run(bench: KindBench): Promise<void>;
};

/** How a trigger is opened. */
export type Opening = {
  /** Undefined: the subject's. */
  config?: JsonObject;
  /** Undefined: nothing is refused. */
  egress?: Egress;
  /** Undefined: that of this machine. */
  clock?: Clock;
};

/** One case's view of a subject: it opens triggers, makes attempts, and closes everything in the end. */
export class KindBench {
  readonly subject: KindSubject;
  readonly scope = new KindScope();
  readonly voices = new KindVoices(this.scope);
  readonly #patienceMs: number;
  readonly #open = new Set<Trigger>();
  /** Kinds are met as they are used: with time that passes. */
  readonly #clock = systemClock;
  #attempts = 0;

  constructor(subject: KindSubject) {
    this.subject = subject;
    this.#patienceMs = subject.patienceMs ?? 5000;
  }

  get secrets(): readonly string[] {
    return this.subject.secretValues ?? secretValues(this.subject.kind.configSchema, this.subject.config);
  }

  /** Fails when the kind has shown a secret value: says where, and never what. I8. */
  assertNoSecretSaid(toDo: string, secrets: readonly string[] = this.secrets): void {
    const places = this.voices.leaks(secrets);
    assert.ok(places.length === 0, `a secret value is shown in ${places.join(', ')}: ${toDo}`);
  }

  /** A configuration with the schema's defaults filled in, as the contract promises. One that the schema refuses stays as it is. */
  complete(config: JsonObject = this.subject.config): JsonObject {
    return checkSettings(this.subject.kind.configSchema, config, 'config').settings ?? structuredClone(config);
  }

  async open({
    config = this.complete(),
    egress = egressGuard(),
    clock = this.#clock,
  }: Opening = {}): Promise<Trigger> {
    const environment = sampleEnvironment({ clock, egress, logger: this.voices.logger });
    // Also where open() is no asynchronous function.
    const opening = this.scope.run(async () => this.subject.kind.open(config, environment));
    try {
      const trigger = await settled(opening, this.#patienceMs, 'open() did not settle');
      assert.equal(typeof trigger?.attempt, 'function', 'open() gave nothing that can make an attempt');
      this.#open.add(trigger);
      return trigger;
    } catch (error) {
      this.#heardThrown('open()', error);
      throw error;
    }
  }

  async close(trigger: Trigger): Promise<void> {
    this.#open.delete(trigger);
    const closing = this.scope.run(async () => trigger.close?.());
    try {
      await settled(closing, this.#patienceMs, 'close() did not settle');
    } catch (error) {
      this.#heardThrown('close()', error);
      throw error;
    }
  }

  async closeAll(): Promise<void> {
    for (const trigger of this.#open) await this.close(trigger);
  }

  /** Makes one attempt and checks that what comes back is an outcome or an error, as the contract says. */
  attempt(trigger: Trigger, given: Partial<Attempt> = {}): Promise<AttemptOutcome> {
    return settled(this.started(trigger, given), this.#patienceMs, 'attempt() did not settle');
  }

  /** Makes an attempt that nobody answers, aborts it once it arrived, and tells how it ended. */
  async abortedAttempt(trigger: Trigger, given: Partial<Attempt> = {}): Promise<AttemptOutcome> {
    const controller = new AbortController();
    const attempting = await this.arrivedAttempt(trigger, { ...given, signal: controller.signal });
    controller.abort();
    return promptly(attempting.outcome, 'attempt() did not settle at once when its signal aborted');
  }

  /** Starts an attempt, and gives it back once it has arrived or has settled. */
  async arrivedAttempt(trigger: Trigger, given: Partial<Attempt>): Promise<{ outcome: Promise<AttemptOutcome> }> {
    const before = (await this.subject.receiver.received()).length;
    const outcome = this.started(trigger, given);
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    outcome.then(over, over);
    await this.eventually(
      async () => isOver || (await this.subject.receiver.received()).length > before,
      () => 'no attempt arrived',
    );
    return { outcome };
  }

  /** Everything that arrives while the work is done. */
  async receivedDuring(work: () => Promise<unknown>): Promise<ReceivedDelivery[]> {
    const before = (await this.subject.receiver.received()).length;
    await work();
    return (await this.subject.receiver.received()).slice(before);
  }

  /** Asks again, in later turns of the event loop, until it is so. */
  async eventually(isSo: () => Promise<boolean>, otherwise: () => string, limitMs = this.#patienceMs): Promise<void> {
    const giveUpAt = performance.now() + Math.min(limitMs, this.#patienceMs);
    while (!(await isSo())) {
      assert.ok(performance.now() < giveUpAt, otherwise());
      await turn();
    }
  }

  /** Starts one attempt. What it throws is the outcome `retry`, as the contract says. */
  async started(trigger: Trigger, given: Partial<Attempt>): Promise<AttemptOutcome> {
    this.#attempts += 1;
    const attempt = sampleAttempt({
      idempotencyKey: `msg_${String(this.#attempts).padStart(32, '0')}`,
      deadlineAt: this.#clock.now() + this.#patienceMs,
      ...given,
    });
    try {
      const outcome = await this.scope.run(async () => trigger.attempt(attempt));
      checkedOutcome(outcome);
      if (outcome.outcome !== 'delivered') {
        this.voices.heard(`the reason of ${outcome.outcome}`, outcome.reason);
        return outcome;
      }
      // What a receiver said of what it accepted is its own matter, but for secrets.
      const { answer, ...delivered } = outcome;
      if (answer !== undefined) this.voices.heard('the answer of delivered', answer);
      return delivered;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.#heardThrown('attempt()', error);
      assert.ok(error instanceof Error, `attempt() threw ${typeof error}, which is no Error`);
      return { outcome: 'retry', reason: error.message };
    }
  }

  #heardThrown(what: string, error: unknown): void {
    this.voices.heardError(`an error that ${what} threw`, error);
    this.voices.heardWhole(`what an error that ${what} threw has in it`, error);
  }
}

/** The bytes of a payload, however the subject's receiver reports it. */
export function bytesOf(payload: Uint8Array | string): Buffer {
  return Buffer.from(payload);
}
