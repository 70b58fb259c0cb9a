import type { ConnectorTask } from '@aftercommit/runtime-adapter';
import type { PostgresConfig, PostgresResource } from './postgres-config.js';

/** What a connector is made for. */
export type PostgresTask = ConnectorTask<PostgresConfig, PostgresResource>;

/** Tells a person once per session about a thing that they should know. */
export type WarnOnce = (about: string, message: string) => void;

/** The materialization, and in words which database: what every message begins with. */
export type EndpointPlace = { readonly materialization: string; readonly database: string; readonly schema: string };

export function placeOf({ materialization, config }: PostgresTask): EndpointPlace {
  const { address, database, schema = 'public' } = config;
  return { materialization, database: `the database ${JSON.stringify(database)} at ${address}`, schema };
}

export function warnOnce({ materialization, logger }: PostgresTask): WarnOnce {
  const warned = new Set<string>();
  return (about, message) => {
    if (warned.has(about)) return;
    warned.add(about);
    logger.warn(message, { materialization });
  };
}
