/**
 * What the state of a task consists of, for whoever runs deliveries or looks into a store.
 *
 * @module
 */
export {
  type Coverage,
  coverageOf,
  type DeliveryRecord,
  type DoneDelivery,
  type DoneRecord,
  doneLimit,
  emptyOutbox,
  keysOfOutbox,
  type LastFiredRecord,
  lastDelivered,
  type OutboxRecord,
  type ParkedRecord,
  parkedLimit,
  readDone,
  readOutboxes,
  type StoredOutbox,
  type WindowRecord,
} from './outbox-records.js';
export { type OutboxRequest, readOutboxRequest } from './outbox-request.js';
export { placeBehind, runIdOfPlace } from './place.js';
export {
  type CommitRecord,
  type CommittedRecord,
  committedLimit,
  type LargestKeyRecord,
  type LastCommit,
  type LastOutboxRecord,
  type LastRunRecord,
  type RuntimeCheckpoint,
  readLastCommit,
  taskKeys,
} from './task-records.js';
