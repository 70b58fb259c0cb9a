export { PostgresStore, type PostgresStoreOptions } from './postgres-store.js';
export { type HostClient, writeWithin } from './write-within.js';
