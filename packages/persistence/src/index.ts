export type { Json } from '@aftercommit/models';
export { nextEpoch } from './epoch.js';
export type { Fence } from './fence.js';
export { mailboxKey, mailboxPrefix } from './mailbox.js';
export { MemoryStore } from './memory-store.js';
export { fencedError, keyExistsError, sessionClosedError, storeClosedError } from './refusals.js';
export type { Store, StoreSupports, TaskState } from './store.js';
export { isStoreError, StoreError, type StoreErrorCode } from './store-error.js';
export { decodeValue, type EncodedBatch, encodeBatch, encodeValue } from './stored-value.js';
export {
  type CommitRecord,
  type DeliveryRecord,
  type LastFiredRecord,
  type OutboxRecord,
  type RuntimeCheckpoint,
  readLastCommit,
  readOutboxes,
  type StoredOutbox,
  taskKeys,
  type WindowRecord,
} from './task-records.js';
export { type FencedVerbs, TaskSession } from './task-session.js';
export { assertWellFormed } from './well-formed.js';
export { WriteBatch } from './write-batch.js';
