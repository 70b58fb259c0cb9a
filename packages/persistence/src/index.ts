export type { Json } from '@aftercommit/models';
export type { Fence } from './fence.js';
export { MemoryStore } from './memory-store.js';
export type { Store, StoreSupports, TaskState } from './store.js';
export { isStoreError, StoreError, type StoreErrorCode } from './store-error.js';
export { WriteBatch } from './write-batch.js';
