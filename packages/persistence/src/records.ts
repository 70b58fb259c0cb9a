/** What the state of a task consists of, for whoever runs deliveries or looks into a store. */
export { type OutboxRequest, readOutboxRequest } from './outbox-request.js';
export { placeBehind, runIdOfPlace } from './place.js';
export {
  type CommitRecord,
  type DeliveryRecord,
  emptyOutbox,
  keysOfOutbox,
  type LargestKeyRecord,
  type LastDeliveredRecord,
  type LastFiredRecord,
  type LastRunRecord,
  type OutboxRecord,
  type ParkedRecord,
  type RuntimeCheckpoint,
  readLastCommit,
  readOutboxes,
  type StoredOutbox,
  taskKeys,
  type WindowRecord,
} from './task-records.js';
