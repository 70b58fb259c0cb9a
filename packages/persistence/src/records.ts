/** What the state of a task consists of, for whoever runs deliveries or looks into a store. */
export {
  type CommitRecord,
  type DeliveryRecord,
  type LargestKeyRecord,
  type LastFiredRecord,
  type LastRunRecord,
  type OutboxRecord,
  type RuntimeCheckpoint,
  readLastCommit,
  readOutboxes,
  type StoredOutbox,
  taskKeys,
  type WindowRecord,
} from './task-records.js';
