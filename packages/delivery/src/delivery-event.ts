/** What happens to deliveries, as it happens. Reasons are scrubbed of secrets. */
export type DeliveryEvent =
  /** An attempt ended, and its outcome is stored. */
  | {
      event: 'attempt';
      trigger: string;
      runId: string;
      idempotencyKey: string;
      /** Within the present round, from 1. */
      attempt: number;
      /** How long it took, in milliseconds: from its beginning to its outcome. */
      durationMs: number;
      outcome: 'delivered' | 'retry' | 'rejected';
      /** Absent when delivered. */
      reason?: string;
      /** Milliseconds until the next attempt; absent when there is none. */
      nextAttemptInMs?: number;
    }
  /** The delivery was accepted, and that is durable: it will not be attempted again. */
  | { event: 'delivered'; trigger: string; runId: string; idempotencyKey: string; attempt: number }
  /** The delivery failed for good and was set aside durably, by the trigger's policy: a person may have it replayed. */
  | {
      event: 'parked';
      trigger: string;
      runId: string;
      idempotencyKey: string;
      /** The last one of the round. */
      attempt: number;
      outcome: 'exhausted' | 'rejected';
      reason: string;
    }
  /** What committed since the last delivery waits for the trigger's interval, this many milliseconds. */
  | { event: 'waiting'; trigger: string; runId: string; forMs: number };

/** Told of every event, in order. Called synchronously: what it throws ends the session. */
export type ObserveDelivery = (event: DeliveryEvent) => void;
