import { isJsonObject, type JsonObject, misspeltName, nearestName } from '@aftercommit/models';
import { checkSettings } from '@aftercommit/registry';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { catalogFields, checkFieldNames } from './catalog-fields.js';
import { ConfigReport, type HeldConfig, type HeldConfigs, isSealed } from './held-config.js';
import type { IssueCollector, SpecPath } from './issue-collector.js';
import { withQuotingHint } from './quoting-hint.js';

/** An endpoint, as far as it can be read. */
export type EndpointSpec = {
  /** Of an installed connector; undefined: it is an image or a command, or unknown. */
  kind: ConnectorKind | undefined;
  /** Defaults filled in. Undefined: it has an error, or no connector is installed for it. */
  config: JsonObject | undefined;
  /** `''`: it is no image. */
  connectorImage: string;
};

/** Endpoints of catalogs for which no connector is installed. `flowSink` is an older name of `connector`. */
const foreignEndpoints = { connector: 'connector', flowSink: 'connector', local: 'local', dekaf: 'dekaf' } as const;

const unreadable: EndpointSpec = { kind: undefined, config: undefined, connectorImage: '' };

/** What is known where an endpoint is read. */
type EndpointReading = {
  connectors: readonly ConnectorKind[];
  held: HeldConfigs;
  /** Whether it stands a level too high instead, which the names of the fields tell. */
  isElsewhere: boolean;
};

function isFieldOf({ properties }: ConnectorKind['configSchema'], name: string | undefined): boolean {
  return name !== undefined && Object.hasOwn(properties, name);
}

/** The endpoint of a materialization: exactly one, installed or one that catalogs have. */
export function readEndpoint(
  materialization: JsonObject,
  materializationPath: SpecPath,
  { connectors, held, isElsewhere }: EndpointReading,
  issues: IssueCollector,
): EndpointSpec {
  const path = [...materializationPath, 'endpoint'];
  const installed = connectors.map(({ name }) => name);
  const foreign = ['connector', 'local', 'dekaf'];
  const runnable = `What can run here: ${installed.join(', ')}. Catalogs may also have ${foreign.join(', ')}, which cannot be run here.`;
  const endpoint = materialization['endpoint'];
  if (isElsewhere) return unreadable;
  if (!isJsonObject(endpoint)) {
    const problem = endpoint === undefined ? 'endpoint is missing' : 'endpoint must be a mapping';
    issues.error('CONFIG_INVALID', path, `${problem}: say where to write. ${runnable}`);
    return unreadable;
  }
  const known: readonly string[] = [...installed, ...Object.keys(foreignEndpoints)];
  const [first, ...rest] = Object.keys(endpoint);
  const name = Object.keys(endpoint).find((one) => known.includes(one)) ?? first;
  const others = known.includes(name ?? '') ? Object.keys(endpoint).filter((one) => one !== name) : [];
  if (name === undefined) {
    issues.error('CONFIG_INVALID', path, `endpoint is empty: say where to write. ${runnable}`);
    return unreadable;
  }
  for (const other of others) {
    const message = `A materialization has one endpoint, and this one has "${name}" too. Remove one of them, or make two materializations.`;
    issues.error('CONFIG_INVALID', [...path, other], message, 'key');
  }
  const kind = connectors.find((one) => one.name === name);
  if (kind !== undefined) {
    const at = [...path, name];
    if (issues.isMisspelt(at) && isSealed(endpoint[name])) return { ...unreadable, kind };
    return readInstalled(kind, endpoint[name], { path: at, held: held.at(at) }, issues);
  }
  if (!Object.hasOwn(foreignEndpoints, name)) {
    const owner = connectors.find(({ configSchema }) => [first, ...rest].some((one) => isFieldOf(configSchema, one)));
    const advice =
      owner === undefined ? '' : ` What stands here belongs below its name: write endpoint: { ${owner.name}: { … } }.`;
    const message = `There is no endpoint "${name}"${nearestName(name, [...installed, ...foreign])}.${advice} ${runnable}`;
    issues.error('CONFIG_UNKNOWN_KIND', [...path, name], message, 'key');
    const meant = connectors.find((one) => one.name === misspeltName(name, installed));
    if (meant === undefined || isSealed(endpoint[name])) return unreadable;
    return readInstalled(meant, endpoint[name], { path: [...path, name], held: undefined }, issues);
  }
  const section = foreignEndpoints[name as keyof typeof foreignEndpoints];
  return readForeign(section, endpoint[name], [...path, name], issues);
}

function readInstalled(
  kind: ConnectorKind,
  given: unknown,
  { path, held }: { path: SpecPath; held: HeldConfig | undefined },
  issues: IssueCollector,
): EndpointSpec {
  if (held === undefined && isSealed(given)) {
    const message = 'This configuration is sealed. Unseal it before it is used.';
    issues.error('CONFIG_SEALED', [...path, 'sops'], message, 'key');
    return { ...unreadable, kind };
  }
  const report = new ConfigReport(path, held, issues);
  const config = held === undefined ? (given ?? {}) : held.config;
  if (config === undefined) return { ...unreadable, kind };
  const checked = checkSettings(kind.configSchema, config, kind.name);
  for (const issue of checked.issues) report.add(withQuotingHint(issue, config));
  return { kind, config: checked.settings, connectorImage: '' };
}

/** Of what others run only the names of the fields are looked at, and the image, which windows carry. */
function readForeign(
  section: 'connector' | 'local' | 'dekaf',
  value: unknown,
  path: SpecPath,
  issues: IssueCollector,
): EndpointSpec {
  if (!isJsonObject(value)) {
    issues.error('CONFIG_INVALID', path, `${path.at(-1)} must be a mapping with ${catalogFields[section].join(', ')}.`);
    return unreadable;
  }
  const fields = checkFieldNames(value, { path, known: catalogFields[section], openness: 'open' }, issues);
  const image = fields['image'];
  if (section !== 'connector') return unreadable;
  if (typeof image === 'string' && image !== '') return { ...unreadable, connectorImage: image };
  const problem = image === undefined ? 'image is missing' : 'image must be a text';
  issues.error(
    'CONFIG_INVALID',
    [...path, 'image'],
    `${problem}: name the connector, such as ghcr.io/acme/connector:v1.`,
  );
  return unreadable;
}
