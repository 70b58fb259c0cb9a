/** What the state of a task consists of, for whoever runs deliveries or looks into a store. */
export {
  type DeliveryRecord,
  emptyOutbox,
  keysOfOutbox,
  type LastDeliveredRecord,
  type LastFiredRecord,
  type OutboxRecord,
  type ParkedRecord,
  readOutboxes,
  type StoredOutbox,
  type WindowRecord,
} from './outbox-records.js';
export { type OutboxRequest, readOutboxRequest } from './outbox-request.js';
export { placeBehind, runIdOfPlace } from './place.js';
export {
  type CommitRecord,
  type LargestKeyRecord,
  type LastRunRecord,
  type RuntimeCheckpoint,
  readLastCommit,
  taskKeys,
} from './task-records.js';
