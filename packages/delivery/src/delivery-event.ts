/** What happens to deliveries, as it happens. Reasons are scrubbed of secrets. */
export type DeliveryEvent =
  /** An attempt ended, and its outcome is stored. */
  | {
      event: 'attempt';
      /** The name of the trigger. */
      trigger: string;
      /** Of the delivery's window; the first one's, where several were united. */
      runId: string;
      /** The stable name of the delivery: the same for each of its attempts. */
      idempotencyKey: string;
      /** Within the present round, from 1. */
      attempt: number;
      /** How long it took, in milliseconds: from its beginning to its outcome. */
      durationMs: number;
      /** `retry`: it may work later. `rejected`: it will not, so there is no other attempt in this round. */
      outcome: 'delivered' | 'retry' | 'rejected';
      /** Why it failed. Absent when delivered. */
      reason?: string;
      /** Milliseconds until the next attempt; absent when there is none. */
      nextAttemptInMs?: number;
    }
  /** The delivery was accepted, and that is durable: it will not be attempted again. */
  | {
      event: 'delivered';
      /** The name of the trigger. */
      trigger: string;
      /** Of the delivery's window; the first one's, where several were united. */
      runId: string;
      /** The stable name of the delivery. */
      idempotencyKey: string;
      /** Which attempt it was of the present round, from 1. */
      attempt: number;
    }
  /** The delivery failed for good and was set aside durably, by the trigger's policy: a person may have it replayed. */
  | {
      event: 'parked';
      /** The name of the trigger. */
      trigger: string;
      /** Of the delivery's window; the first one's, where several were united. */
      runId: string;
      /** The stable name of the delivery, by which a person replays or drops it. */
      idempotencyKey: string;
      /** The last one of the round. */
      attempt: number;
      /** `exhausted`: every attempt of the round failed. `rejected`: the last one was refused for good. */
      outcome: 'exhausted' | 'rejected';
      /** Why the last attempt failed. */
      reason: string;
    }
  /** What committed since the last delivery waits for the trigger's interval, this many milliseconds. */
  | {
      event: 'waiting';
      /** The name of the trigger. */
      trigger: string;
      /** The run id of the oldest window that waits. */
      runId: string;
      /** Milliseconds from now until the interval is over. */
      forMs: number;
    };

/** Told of every event, in order. Called synchronously: what it throws ends the session. */
export type ObserveDelivery = (event: DeliveryEvent) => void;
