/**
 * - `ENDPOINT_FENCED`: a later session of the task was opened; this one changes nothing any more.
 * - `ENDPOINT_UNAVAILABLE`: the endpoint cannot be reached, opened or written.
 * - `ENDPOINT_LOCKED`: somebody else holds it locked for too long.
 * - `ENDPOINT_CORRUPT`: it is damaged, or not what it should be.
 * - `ENDPOINT_REFUSED`: what is asked of it does not go with what is there, such as a table of somebody else.
 * - `ENDPOINT_LOST_STAGING`: what the store committed is neither staged nor applied in the endpoint.
 * - `CHECKPOINT_DIVERGED`: the endpoint applied what the store does not know of.
 */
export type ConnectorErrorCode =
  | 'ENDPOINT_FENCED'
  | 'ENDPOINT_UNAVAILABLE'
  | 'ENDPOINT_LOCKED'
  | 'ENDPOINT_CORRUPT'
  | 'ENDPOINT_REFUSED'
  | 'ENDPOINT_LOST_STAGING'
  | 'CHECKPOINT_DIVERGED';

const marker = Symbol.for('aftercommit.ConnectorError');

/** An endpoint that cannot be used as it should. Its message says what happened, to what, and what to do. */
export class ConnectorError extends Error {
  /** What went wrong, for programs. */
  readonly code: ConnectorErrorCode;
  /** With `ENDPOINT_FENCED`: the epoch that the endpoint has seen. Undefined: it is not known. */
  readonly epoch: bigint | undefined;
  /** What `isConnectorError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: ConnectorErrorCode, message: string, options: { cause?: unknown; epoch?: bigint } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'ConnectorError';
    this.code = code;
    this.epoch = options.epoch;
  }
}

/** Recognises a `ConnectorError`, also one of another copy of this package. */
export function isConnectorError(error: unknown): error is ConnectorError {
  return typeof error === 'object' && error !== null && marker in error;
}
