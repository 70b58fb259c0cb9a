/**
 * - `TRIGGER_NOT_OPENED`: a trigger kind could not prepare a configured trigger.
 * - `TRIGGER_NOT_CLOSED`: a trigger kind could not release what it had taken.
 */
export type TriggerErrorCode = 'TRIGGER_NOT_OPENED' | 'TRIGGER_NOT_CLOSED';

const marker = Symbol.for('aftercommit.TriggerError');

/** A trigger kind that failed outside an attempt. Without a cause: a kind's own error can quote a secret. */
export class TriggerError extends Error {
  /** What went wrong, for programs. */
  readonly code: TriggerErrorCode;
  /** The trigger's name. */
  readonly trigger: string;
  /** What `isTriggerError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: TriggerErrorCode, trigger: string, message: string) {
    super(message);
    this.name = 'TriggerError';
    this.code = code;
    this.trigger = trigger;
  }
}

/** Recognises a `TriggerError`, also one of another copy of this package. */
export function isTriggerError(error: unknown): error is TriggerError {
  return typeof error === 'object' && error !== null && marker in error;
}
