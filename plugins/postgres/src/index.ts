export type { PostgresConfig } from './postgres-config.js';
export { postgres } from './postgres-kind.js';
