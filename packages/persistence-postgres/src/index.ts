export type { HostClient } from './host-client.js';
export { PostgresStore, type PostgresStoreOptions } from './postgres-store.js';
export { transact } from './transact.js';
export { writeWithin } from './write-within.js';
