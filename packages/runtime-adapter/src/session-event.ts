import type { DeliveryEvent, OutboxStanding } from '@aftercommit/delivery';
import type { OpenedEvent } from './open-task.js';

/** What happens in a session, as it happens: for progress, logs and tests. Never a secret. */
export type SessionEvent = (
  | OpenedEvent
  /** The session learned that a transaction is committed and visible in the endpoint. */
  | {
      event: 'committed';
      runId: string;
      /** Source documents that it read, and their bytes as read. */
      docs: number;
      bytes: number;
      /** Milliseconds from `stage` until the session learned it: what the commit took, and making it visible. */
      commitMs: number;
    }
  | DeliveryEvent
  /** The session is over because of an error; `code` is the error's. */
  | { event: 'failed'; code: string; reason: string }
  /**
   * The last event of a session. `waiting`: how many windows each trigger leaves for the next one, of those the session
   * knows to be committed; such as those whose interval is not over. `parked`: how many deliveries of each trigger are set
   * aside, also by earlier sessions. `stuck`: the triggers that could not park one more, and still hold it.
   */
  | { event: 'ended'; waiting: Record<string, number>; parked: Record<string, number>; stuck: string[] }
) & {
  /** When: an RFC 3339 timestamp. */
  at: string;
  materialization: string;
};

/**
 * Told of everything that happens in a session, in order. Called synchronously: what it throws ends the session.
 *
 * @param outboxes How the outbox of each trigger stands, whenever it is called; after the `ended` event, as the session left them.
 *   Empty when the session could not be opened.
 */
export type ObserveSession = (event: SessionEvent, outboxes: () => OutboxStanding[]) => void;
