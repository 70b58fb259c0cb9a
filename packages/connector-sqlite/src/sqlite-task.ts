import type { ConnectorTask } from '@aftercommit/runtime-adapter';
import type { SqliteConfig, SqliteResource } from './sqlite-config.js';

/** What a connector is made for. */
export type SqliteTask = ConnectorTask<SqliteConfig, SqliteResource>;

/** Tells a person once per session about a thing that they should know. */
export type WarnOnce = (about: string, message: string) => void;
