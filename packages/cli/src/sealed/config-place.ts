import { isJsonObject, type JsonObject } from '@aftercommit/models';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import type { SpecPath } from '../spec/issue-collector.js';

/** A place of a spec where a configuration with secrets can stand. */
export type ConfigPlace = {
  materialization: string;
  path: SpecPath;
  /** Of an endpoint its schema; of triggers, that of their kinds counts. */
  of: { part: 'triggers' } | { part: 'endpoint'; schema: ConnectorKind['configSchema'] };
  /** What stands there. A text is the name of a file. */
  value: JsonObject | string;
};

/** All of them, in the order of the spec. Endpoints are those of installed connectors. */
export function configPlaces(root: JsonObject, connectors: readonly ConnectorKind[]): ConfigPlace[] {
  const { materializations } = root;
  if (!isJsonObject(materializations)) return [];
  return Object.entries(materializations).flatMap(([name, materialization]) =>
    isJsonObject(materialization) ? placesOf(name, materialization, connectors) : [],
  );
}

function placesOf(
  materialization: string,
  { endpoint, triggers }: JsonObject,
  connectors: readonly ConnectorKind[],
): ConfigPlace[] {
  const base = ['materializations', materialization];
  const places: ConfigPlace[] = [];
  for (const { name, configSchema } of isJsonObject(endpoint) ? connectors : []) {
    const value = isJsonObject(endpoint) ? endpoint[name] : undefined;
    const of = { part: 'endpoint', schema: configSchema } as const;
    if (isJsonObject(value)) places.push({ materialization, path: [...base, 'endpoint', name], of, value });
  }
  if (isJsonObject(triggers) || typeof triggers === 'string') {
    places.push({ materialization, path: [...base, 'triggers'], of: { part: 'triggers' }, value: triggers });
  }
  return places;
}

/** What messages call it. */
export function labelOf({ materialization, of: { part } }: Pick<ConfigPlace, 'materialization' | 'of'>): string {
  return part === 'triggers'
    ? `The triggers configuration of ${materialization}`
    : `The endpoint configuration of ${materialization}`;
}
