import type { Window } from '@aftercommit/models';
import type { AttemptOutcome, Clock, Trigger } from '@aftercommit/registry';
import type { CompiledTrigger } from './compiled-trigger.js';
import type { Redactor } from './redactor.js';

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
    return { outcome: 'rejected', reason: redactor.scrub(`the payload could not be made: ${messageOf(error)}`) };
  }
  const outcome = await withinDeadline(request, payload);
  return 'reason' in outcome ? { ...outcome, reason: redactor.scrub(String(outcome.reason)) } : outcome;
}

async function withinDeadline(request: AttemptRequest, payload: string): Promise<AttemptOutcome> {
  const { trigger, clock, lost } = request;
  const abort = new AbortController();
  const over = new AbortController();
  const giveUp = (): void => abort.abort(new Error('the session was lost'));
  lost.addEventListener('abort', giveUp, { once: true, signal: over.signal });
  if (lost.aborted) giveUp();
  try {
    const seconds = trigger.timeoutMs / 1_000;
    return await Promise.race([
      oneAttempt(request, payload, abort.signal),
      clock.sleep(trigger.timeoutMs, over.signal).then((): AttemptOutcome => {
        abort.abort(new Error(`no answer within ${seconds} s`));
        return { outcome: 'retry', reason: `no answer from ${trigger.target} within ${seconds} s` };
      }),
      whenAborted(lost, over.signal),
    ]);
  } finally {
    over.abort();
  }
}

async function oneAttempt(request: AttemptRequest, payload: string, signal: AbortSignal): Promise<AttemptOutcome> {
  const { trigger, opened, idempotencyKey, window, number, epoch, clock } = request;
  try {
    const outcome = await opened.attempt({
      idempotencyKey,
      number,
      payload,
      variables: window,
      epoch,
      signal,
      deadlineAt: clock.now() + trigger.timeoutMs,
    });
    return isOutcome(outcome)
      ? outcome
      : { outcome: 'retry', reason: `trigger kind "${trigger.kind.kind}" did not say how the attempt went` };
  } catch (error) {
    return { outcome: 'retry', reason: messageOf(error) };
  }
}

/** A kind that ignores its signal must not keep a lost session alive. */
async function whenAborted(lost: AbortSignal, over: AbortSignal): Promise<AttemptOutcome> {
  if (!lost.aborted) {
    await new Promise<void>((resolve) => {
      lost.addEventListener('abort', () => resolve(), { once: true, signal: over });
    });
  }
  return { outcome: 'retry', reason: 'the session was lost during the attempt' };
}

/** A kind is somebody else's code: what it returns is looked at before it is believed. */
function isOutcome(value: unknown): value is AttemptOutcome {
  if (typeof value !== 'object' || value === null || !('outcome' in value)) return false;
  if (value.outcome === 'delivered') return true;
  return (value.outcome === 'retry' || value.outcome === 'rejected') && 'reason' in value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
