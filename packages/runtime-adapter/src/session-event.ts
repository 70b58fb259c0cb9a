import type { DeliveryEvent, OutboxStanding } from '@aftercommit/delivery';
import type { OpenedEvent } from './open-task.js';

/** What happens in a session, as it happens: for progress, logs and tests. Never a secret. */
export type SessionEvent = (
  | OpenedEvent
  /** The session learned that a transaction is committed and visible in the endpoint. */
  | {
      event: 'committed';
      /** When it began: the run id of its window. */
      runId: string;
      /** Source documents that it read. */
      docs: number;
      /** Their bytes as read. */
      bytes: number;
      /** Milliseconds from `stage` until the session learned it: what the commit took, and making it visible. */
      commitMs: number;
    }
  | DeliveryEvent
  /** The session is over because of an error. */
  | {
      event: 'failed';
      /** The error's. */
      code: string;
      /** The error's message, scrubbed of secrets. */
      reason: string;
    }
  /** The last event of a session. */
  | {
      event: 'ended';
      /**
       * How many windows each trigger leaves for the next session, of those that this one knows to be committed; such as those
       * whose interval is not over. A trigger without any is not named.
       */
      waiting: Record<string, number>;
      /** How many deliveries of each trigger are set aside, also by earlier sessions. One without any is not named. */
      parked: Record<string, number>;
      /** The triggers that could not park one more, and still hold it. */
      stuck: string[];
    }
) & {
  /** When: an RFC 3339 timestamp. */
  at: string;
  /** The task. */
  materialization: string;
};

/**
 * Told of everything that happens in a session, in order. Called synchronously: what it throws ends the session.
 *
 * @param outboxes How the outbox of each trigger stands, whenever it is called; after the `ended` event, as the session left them.
 *   Empty when the session could not be opened.
 */
export type ObserveSession = (event: SessionEvent, outboxes: () => OutboxStanding[]) => void;
