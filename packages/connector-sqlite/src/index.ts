export type { SqliteConfig, SqliteResource } from './sqlite-config.js';
export { sqlite } from './sqlite-kind.js';
