export type { HostClient, Notice } from './host-client.js';
export { PostgresStore } from './postgres-store.js';
export type { PostgresStoreOptions } from './store-options.js';
export { transact } from './transact.js';
export { writeWithin } from './write-within.js';
