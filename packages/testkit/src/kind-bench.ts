import assert from 'node:assert/strict';
import { type JsonObject, secretValues } from '@aftercommit/models';
import type { Attempt, AttemptOutcome, Clock, Trigger } from '@aftercommit/registry';
import { Value } from 'typebox/value';
import type { KindSubject, ReceivedDelivery } from './kind-subject.js';
import { sampleAttempt, sampleEnvironment } from './sample-attempt.js';

/** A case before its subject is known. `needs`: what of the receiver it cannot do without. */
export type KindCase = {
  title: string;
  needs?: 'refuse' | 'reject' | 'hang';
  run(bench: KindBench): Promise<void>;
};

/** What a kind may take, at most, to settle after its signal aborted. */
const longestPromptMs = 1000;

/** One case's view of a subject: it opens triggers, makes attempts, and closes everything in the end. */
export class KindBench {
  readonly subject: KindSubject;
  readonly #patienceMs: number;
  readonly #open = new Set<Trigger>();
  #attempts = 0;

  constructor(subject: KindSubject) {
    this.subject = subject;
    this.#patienceMs = subject.patienceMs ?? 5000;
  }

  get secrets(): readonly string[] {
    return this.subject.secretValues ?? secretValues(this.subject.kind.configSchema, this.subject.config);
  }

  async open(): Promise<Trigger> {
    const { kind, config } = this.subject;
    // With the schema's defaults filled in, as the contract promises.
    const complete = Value.Default(kind.configSchema, structuredClone(config)) as JsonObject;
    const opening = kind.open(complete, sampleEnvironment({ clock: realClock }));
    const trigger = await settled(opening, this.#patienceMs, 'open() did not settle');
    this.#open.add(trigger);
    return trigger;
  }

  async close(trigger: Trigger): Promise<void> {
    this.#open.delete(trigger);
    await settled(Promise.resolve(trigger.close?.()), this.#patienceMs, 'close() did not settle');
  }

  async closeAll(): Promise<void> {
    for (const trigger of this.#open) await this.close(trigger);
  }

  /** Makes one attempt and checks that what comes back is an outcome or an error, as the contract says. */
  attempt(trigger: Trigger, given: Partial<Attempt> = {}): Promise<AttemptOutcome> {
    return settled(this.#attempted(trigger, given), this.#patienceMs, 'attempt() did not settle');
  }

  /** Makes an attempt that nobody answers, aborts it once it arrived, and tells how it ended. */
  async abortedAttempt(trigger: Trigger): Promise<AttemptOutcome> {
    const controller = new AbortController();
    const before = (await this.subject.receiver.received()).length;
    const attempting = this.#attempted(trigger, { signal: controller.signal });
    const arriving = this.eventually(
      async () => (await this.subject.receiver.received()).length > before,
      () => 'no attempt arrived',
    );
    await Promise.race([arriving, attempting]);
    controller.abort();
    const promptMs = Math.min(longestPromptMs, this.#patienceMs);
    return settled(attempting, promptMs, `attempt() did not settle within ${promptMs} ms after its signal aborted`);
  }

  /** Everything that arrives while the work is done. */
  async receivedDuring(work: () => Promise<unknown>): Promise<ReceivedDelivery[]> {
    const before = (await this.subject.receiver.received()).length;
    await work();
    return (await this.subject.receiver.received()).slice(before);
  }

  /** Asks again, in later turns of the event loop, until it is so. */
  async eventually(isSo: () => Promise<boolean>, otherwise: () => string): Promise<void> {
    const giveUpAt = realClock.monotonic() + this.#patienceMs;
    while (!(await isSo())) {
      assert.ok(realClock.monotonic() < giveUpAt, otherwise());
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #attempted(trigger: Trigger, given: Partial<Attempt>): Promise<AttemptOutcome> {
    this.#attempts += 1;
    const attempt = Object.freeze(
      sampleAttempt({
        idempotencyKey: `msg_${String(this.#attempts).padStart(32, '0')}`,
        deadlineAt: realClock.now() + this.#patienceMs,
        ...given,
      }),
    );
    try {
      return checkedOutcome(await trigger.attempt(attempt));
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok(error instanceof Error, `attempt() threw ${typeof error}, which is no Error`);
      return { outcome: 'retry', reason: error.message };
    }
  }
}

/** The bytes of a payload, however the subject's receiver reports it. */
export function bytesOf(payload: Uint8Array | string): Buffer {
  return Buffer.from(payload);
}

function checkedOutcome(outcome: AttemptOutcome): AttemptOutcome {
  assert.ok(
    ['delivered', 'retry', 'rejected'].includes(outcome?.outcome),
    'attempt() answered with something that is no outcome',
  );
  if (outcome.outcome === 'delivered') return outcome;
  assert.equal(typeof outcome.reason, 'string', `${outcome.outcome} needs a reason`);
  assert.notEqual(outcome.reason.trim(), '', `${outcome.outcome} needs a reason that says something`);
  assert.doesNotMatch(outcome.reason, /\n\s+at /, 'a reason is for people: no stack traces in it');
  if (outcome.outcome === 'retry' && outcome.retryAfterMs !== undefined) {
    assert.ok(outcome.retryAfterMs >= 0, `retryAfterMs must be 0 or more, not ${outcome.retryAfterMs}`);
  }
  return outcome;
}

/** The result, or a failure when it does not come in time; a late one is then ignored. */
function settled<Result>(work: Promise<Result>, limitMs: number, otherwise: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new assert.AssertionError({ message: otherwise })), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(limit));
  });
}

/** Kinds are met as they are used: with time that passes. */
const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(durationMs, 2 ** 31 - 1));
      signal?.addEventListener('abort', wake, { once: true });
    }),
};
