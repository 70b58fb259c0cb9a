import type { DeliveryEvent } from '@aftercommit/delivery';
import type { OpenedEvent } from './open-task.js';

/** What happens in a session, as it happens: for progress, logs and tests. Never a secret. */
export type SessionEvent = (
  | OpenedEvent
  /** The session learned that a transaction is committed and visible in the endpoint. */
  | { event: 'committed'; runId: string; docs: number }
  | DeliveryEvent
  /** The session is over because of an error; `code` is the error's. */
  | { event: 'failed'; code: string; reason: string }
  /** The last event of a session. */
  | { event: 'ended' }
) & {
  /** When: an RFC 3339 timestamp. */
  at: string;
  materialization: string;
};
