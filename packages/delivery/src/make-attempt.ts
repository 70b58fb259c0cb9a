import { formatDuration, type Window } from '@aftercommit/models';
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
  return 'reason' in outcome ? { ...outcome, reason: redactor.scrub(outcome.reason) } : outcome;
}

/** Races the kind against its deadline and against the loss of the session: one that ignores its signal delays neither. */
async function withinDeadline(request: AttemptRequest, payload: string): Promise<AttemptOutcome> {
  const { trigger, clock, lost } = request;
  const abort = new AbortController();
  const over = new AbortController();
  const timedOut = async (): Promise<AttemptOutcome> => {
    await clock.sleep(trigger.timeoutMs, over.signal);
    const reason = `no answer from ${trigger.target} within ${formatDuration(trigger.timeoutMs)}`;
    // A sleep that was ended because the kind has answered is no deadline.
    if (!over.signal.aborted) abort.abort(new Error(reason));
    return { outcome: 'retry', reason };
  };
  // Listeners are removed by hand: those bound to a signal of their own can outlive it, and `lost` lives long.
  let giveUp = (): void => undefined;
  const gaveUp = new Promise<AttemptOutcome>((resolve) => {
    giveUp = () => {
      const reason = 'the session was lost during the attempt';
      abort.abort(new Error(reason));
      resolve({ outcome: 'retry', reason });
    };
  });
  lost.addEventListener('abort', giveUp);
  if (lost.aborted) giveUp();
  try {
    return await Promise.race([oneAttempt(request, payload, abort.signal), timedOut(), gaveUp]);
  } finally {
    lost.removeEventListener('abort', giveUp);
    // With a reason: without one an exception is made for each attempt, for nobody.
    over.abort('the attempt is over');
  }
}

async function oneAttempt(request: AttemptRequest, payload: string, signal: AbortSignal): Promise<AttemptOutcome> {
  const { trigger, opened, idempotencyKey, window, number, epoch, clock } = request;
  try {
    const outcome = await opened.attempt({
      idempotencyKey,
      number,
      payload,
      // A copy: what a kind changes there changes no other attempt, and no other trigger's (I4).
      variables: structuredClone(window),
      epoch,
      signal,
      deadlineAt: clock.now() + trigger.timeoutMs,
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
  const { outcome, reason, retryAfterMs }: Partial<Record<string, unknown>> = { ...answer };
  if (outcome === 'delivered') return { outcome };
  if (typeof reason !== 'string') return undefined;
  if (outcome === 'rejected') return { outcome, reason };
  if (outcome !== 'retry') return undefined;
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0
    ? { outcome, reason, retryAfterMs }
    : { outcome, reason };
}
