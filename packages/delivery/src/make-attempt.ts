import { copyWindow, formatDuration, type Window } from '@aftercommit/models';
import type { AttemptOutcome, Clock, Trigger } from '@aftercommit/registry';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { CompiledTrigger } from './compiled-trigger.js';
import { errorMessage } from './error-message.js';

/** What one attempt needs to know. */
export type AttemptRequest = {
  trigger: CompiledTrigger;
  /** The trigger as its kind opened it. */
  opened: Trigger;
  idempotencyKey: string;
  window: Window;
  number: number;
  epoch: bigint;
  clock: Clock;
  redactor: Redactor;
  /** Aborts when the session may do nothing more: the attempt is given up at once. */
  lost: AbortSignal;
  /** Of the attempt, for the receiver. Undefined: nobody traces. */
  traceparent?: string | undefined;
  /** A person asked for it. Undefined: a delivery in earnest. */
  isTest?: true | undefined;
};

/**
 * Makes one attempt and says how it went; never throws. This is the one place where what a kind says leaves the core:
 * its reason is scrubbed here (I8), whatever the kind did. The payload is rendered from the window each time (I4: the
 * variables are fixed, a corrected template may rescue the delivery), and one that is not JSON is rejected unsent.
 */
export async function makeAttempt(request: AttemptRequest): Promise<AttemptOutcome> {
  const { trigger, window, redactor } = request;
  let payload: string;
  try {
    payload = trigger.render(window);
  } catch (error) {
    return { outcome: 'rejected', reason: redactor.scrub(`the payload could not be made: ${errorMessage(error)}`) };
  }
  const outcome = await withinDeadline(request, payload);
  if ('reason' in outcome) return { ...outcome, reason: redactor.scrub(outcome.reason) };
  return outcome.answer === undefined ? outcome : { ...outcome, answer: redactor.scrub(outcome.answer) };
}

/** Races the kind against its deadline and against the loss of the session: one that ignores its signal delays neither. */
function withinDeadline(request: AttemptRequest, payload: string): Promise<AttemptOutcome> {
  const { trigger, clock, lost } = request;
  return new Promise((resolve) => {
    const abort = new AbortController();
    const over = new AbortController();
    const end = (outcome: AttemptOutcome): void => {
      if (over.signal.aborted) return;
      // By hand: a listener that is bound to a signal of its own can outlive it, and `lost` lives long.
      lost.removeEventListener('abort', giveUp);
      // With a reason: without one an exception is made for each attempt, for nobody.
      over.abort('the attempt is over');
      resolve(outcome);
    };
    const cutOff = (reason: string): void => {
      if (over.signal.aborted) return;
      abort.abort(new Error(reason));
      end({ outcome: 'retry', reason });
    };
    const giveUp = (): void => cutOff('the session was lost during the attempt');
    const missed = (): void => cutOff(`no answer from ${trigger.target} within ${formatDuration(trigger.timeoutMs)}`);
    lost.addEventListener('abort', giveUp);
    if (lost.aborted) giveUp();
    void oneAttempt(request, payload, abort.signal).then(end);
    void clock.sleep(trigger.timeoutMs, over.signal).then(missed);
  });
}

async function oneAttempt(request: AttemptRequest, payload: string, signal: AbortSignal): Promise<AttemptOutcome> {
  const { trigger, opened, idempotencyKey, window, number, epoch, clock, traceparent, isTest } = request;
  try {
    const outcome = await opened.attempt({
      idempotencyKey,
      number,
      payload,
      // A copy: what a kind changes there changes no other attempt, and no other trigger's (I4).
      variables: copyWindow(window),
      epoch,
      signal,
      deadlineAt: clock.now() + trigger.timeoutMs,
      traceparent,
      isTest,
    });
    const reason = `trigger kind "${trigger.kind.kind}" did not say how the attempt went`;
    return readOutcome(outcome) ?? { outcome: 'retry', reason };
  } catch (error) {
    return { outcome: 'retry', reason: errorMessage(error) };
  }
}

/** A kind is somebody else's code: what it returns is looked at before it is believed. Undefined: it is no outcome. */
function readOutcome(answer: unknown): AttemptOutcome | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { outcome, reason, retryAfterMs, answer: said }: Partial<Record<string, unknown>> = { ...answer };
  if (outcome === 'delivered') return typeof said === 'string' ? { outcome, answer: said } : { outcome };
  if (typeof reason !== 'string') return undefined;
  if (outcome === 'rejected') return { outcome, reason };
  if (outcome !== 'retry') return undefined;
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0
    ? { outcome, reason, retryAfterMs }
    : { outcome, reason };
}
