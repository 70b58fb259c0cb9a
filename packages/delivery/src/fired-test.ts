import type { Window } from '@aftercommit/models';
import type { AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { CompiledTrigger } from './compiled-trigger.js';
import { makeAttempt } from './make-attempt.js';
import { closeTrigger, openTrigger } from './opened-trigger.js';
import { scrubbingLogger } from './scrubbing-logger.js';
import { isTriggerError } from './trigger-error.js';

/** What a test needs to know. */
export type TestRequest = {
  /** Whose trigger it is: what the kind is told, and what its log lines carry. */
  materialization: string;
  /** The trigger as it would be run. */
  trigger: CompiledTrigger;
  /** What the payload is made of. */
  window: Window;
  /** What the trigger's kind may use: what it logs is scrubbed on the way. */
  environment: TriggerEnvironment;
  /** Knows every secret of the trigger: reasons and answers pass through it. */
  redactor: Redactor;
  /** Gives up at once what is under way: opening, the attempt, or closing. */
  signal: AbortSignal;
};

/** How a test went. Nothing of it is secret. */
export type FiredTest = {
  /** `test_` and 32 hex digits: no other delivery has it. */
  idempotencyKey: string;
  /** `retry`: one in earnest would be attempted again. */
  outcome: AttemptOutcome['outcome'];
  /** What the receiver said of what it accepted. Null: nothing, or it did not accept it. */
  answer: string | null;
  /** Why it was not accepted. Null: it was. */
  reason: string | null;
  /** How long it took, in milliseconds: the attempt, or the opening that failed. */
  durationMs: number;
};

/**
 * Makes one attempt that a person asks for, as a lane makes those in earnest: same payload, deadline, redaction and egress. Its key and
 * epoch (0) and `isTest` tell it from those. Stores nothing, looks at no outbox and no interval, and does not try again. Never throws:
 * a trigger that cannot be opened is `rejected`.
 */
export async function fireTest(request: TestRequest): Promise<FiredTest> {
  const { materialization, trigger, environment, redactor, signal } = request;
  const { clock, random } = environment;
  const idempotencyKey = `test_${random.id()}`;
  const logger = scrubbingLogger(environment.logger, redactor, { materialization, trigger: trigger.name });
  const msSince = (at: number): number => Math.round((clock.monotonic() - at) * 1_000) / 1_000;
  const openingAt = clock.monotonic();
  let opened: Trigger | undefined;
  try {
    opened = await unlessStopped(signal, openTrigger(trigger, { ...environment, logger }, redactor));
  } catch (error) {
    if (!isTriggerError(error)) throw error;
    return { idempotencyKey, outcome: 'rejected', answer: null, reason: error.message, durationMs: msSince(openingAt) };
  }
  if (opened === undefined) {
    const reason = 'it was stopped before it was sent';
    return { idempotencyKey, outcome: 'retry', answer: null, reason, durationMs: msSince(openingAt) };
  }
  const beganAt = clock.monotonic();
  const outcome = await attemptOf(request, opened, idempotencyKey);
  const durationMs = msSince(beganAt);
  try {
    await unlessStopped(signal, closeTrigger(trigger, opened, clock, redactor));
  } catch (error) {
    if (!isTriggerError(error)) throw error;
    // How the attempt went is known, and no other follows.
    logger.warn(error.message);
  }
  return outcome.outcome === 'delivered'
    ? { idempotencyKey, outcome: 'delivered', answer: outcome.answer ?? null, reason: null, durationMs }
    : { idempotencyKey, outcome: outcome.outcome, answer: null, reason: outcome.reason, durationMs };
}

async function attemptOf(
  { trigger, window, environment, redactor, signal }: TestRequest,
  opened: Trigger,
  idempotencyKey: string,
): Promise<AttemptOutcome> {
  const outcome = await makeAttempt({
    trigger,
    opened,
    idempotencyKey,
    window,
    number: 1,
    epoch: 0n,
    clock: environment.clock,
    redactor,
    lost: signal,
    isTest: true,
  });
  if (!signal.aborted || outcome.outcome !== 'retry') return outcome;
  return { outcome: 'retry', reason: `it was stopped before ${redactor.scrub(trigger.target)} answered` };
}

/** Undefined: it was stopped before. A kind can ignore that, and nobody waits for it any more. */
function unlessStopped<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
