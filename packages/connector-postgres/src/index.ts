export type { PostgresConfig, PostgresResource } from './postgres-config.js';
export { postgres } from './postgres-kind.js';
