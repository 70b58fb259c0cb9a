import type { FailedAttempt } from './delivery-round.js';

/**
 * - `DELIVERY_EXHAUSTED`: every attempt of a round failed, and the trigger's policy is `block`.
 * - `DELIVERY_REJECTED`: the receiver, or the payload itself, said that it will not work; policy `block`.
 */
export type DeliveryErrorCode = 'DELIVERY_EXHAUSTED' | 'DELIVERY_REJECTED';

const marker = Symbol.for('aftercommit.DeliveryError');

/** A delivery that failed for good in this session. It stays in its outbox; the next session begins a new round. */
export class DeliveryError extends Error {
  /** What went wrong, for programs. */
  readonly code: DeliveryErrorCode;
  /** The trigger's name. */
  readonly trigger: string;
  /** The transaction whose delivery it was; of a union, the first. */
  readonly runId: string;
  /** What `isDeliveryError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: DeliveryErrorCode, trigger: string, runId: string, message: string) {
    super(message);
    this.name = 'DeliveryError';
    this.code = code;
    this.trigger = trigger;
    this.runId = runId;
  }
}

/** The error of a trigger whose round is over after this attempt. `target` and the reason are scrubbed of secrets. */
export function deliveryError(
  { name, target }: { name: string; target: string },
  runId: string,
  attempt: number,
  { outcome, reason }: FailedAttempt,
): DeliveryError {
  const isRejected = outcome === 'rejected';
  const how = isRejected ? 'was rejected' : `failed after ${attempt} attempt${attempt === 1 ? '' : 's'}`;
  return new DeliveryError(
    isRejected ? 'DELIVERY_REJECTED' : 'DELIVERY_EXHAUSTED',
    name,
    runId,
    `Trigger "${name}" could not deliver run ${runId} to ${target}: it ${how}, last with: ${reason.replace(/\.+$/, '')}. ` +
      'The delivery is kept and tried again by the next start: mend the receiver, or correct the trigger.',
  );
}

/** Recognises a `DeliveryError`, also one of another copy of this package. */
export function isDeliveryError(error: unknown): error is DeliveryError {
  return typeof error === 'object' && error !== null && marker in error;
}
