export type { BatchStatement } from './apply-batch.js';
export { SqliteStore, type SqliteStoreOptions } from './sqlite-store.js';
export { type HostDatabase, writeWithin } from './write-within.js';
