import type { OutboxRequest } from '@aftercommit/persistence/records';
import type { Sightings } from '../sightings.js';
import type { AppliedWrite } from '../world/disk.js';
import type { WallClock } from '../world/wall-clock.js';
import type { Commits } from './commits.js';
import type { Deliveries } from './deliveries.js';
import type { Held, LedgerOutbox } from './ledger-outbox.js';
import type { OutboxChanges } from './outbox-changes.js';
import type { Session } from './session.js';

/** What is known when a write is entered, and what is noted then. */
export type Books = {
  readonly commits: Commits;
  readonly deliveries: Deliveries;
  readonly wall: WallClock;
  readonly sightings: Sightings;
  /** By their ids. */
  readonly outboxes: Map<string, LedgerOutbox>;
  /** Where each idempotency key was seen. */
  readonly outboxOfKey: Map<string, string>;
  /** Keys that a person wanted to be dropped. */
  readonly dropped: Map<string, Held>;
  /** Keys whose windows were cleared. */
  readonly cleared: Set<string>;
};

/** What one write does to one outbox. */
export type Entry = {
  id: string;
  changes: OutboxChanges;
  write: AppliedWrite;
  session: Session;
  /** Whether it is the session's first write, which reconciles. */
  isOpening: boolean;
  /** The run id of the commit in the same write. */
  committed: string | undefined;
  /** What people asked for, and is followed in the same write. */
  requests: readonly OutboxRequest[];
};
