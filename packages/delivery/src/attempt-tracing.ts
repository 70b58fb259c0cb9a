/** An attempt that is about to be made. */
export type AttemptBeginning = {
  /** The task whose transaction committed. */
  materialization: string;
  /** The name of the trigger that delivers. */
  trigger: string;
  /** The trigger's kind. */
  kind: string;
  /** Where it delivers to, for people: scheme and host. */
  target: string;
  /** Of the delivery's window; the first one's, where several were united. */
  runId: string;
  /** The stable name of the delivery: the same for each of its attempts. */
  idempotencyKey: string;
  /** Within the present round, from 1. */
  attempt: number;
  /** The session's. */
  epoch: string;
};

/**
 * Makes an attempt within a trace of the host's: calls `make` once, at once, and returns what that returned. What it throws
 * ends the session; no attempt was made then.
 *
 * `make` is given the attempt's W3C `traceparent`, which the kind passes on to the receiver; undefined: there is none. What is
 * asynchronous in it belongs to the attempt, so that a context of `AsyncLocalStorage` can be set around it.
 */
export type TraceAttempt = <Result>(about: AttemptBeginning, make: (traceparent?: string) => Result) => Result;
