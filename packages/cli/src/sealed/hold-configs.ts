import { type ConfigIssue, jsonPointer, type KindSchemas } from '@aftercommit/models';
import type { OrderedValue, SecretsError } from '@aftercommit/secrets';
import { type HeldConfig, type HeldConfigs, isSealed } from '../spec/held-config.js';
import { type ParsedSpec, parseSpec } from '../spec/parse-spec.js';
import type { Installed } from '../spec/read-materialization.js';
import { type ConfigPlace, configPlaces, labelOf } from './config-place.js';
import type { SecretsAccess } from './secrets-access.js';

/** What is needed to read configurations that are sealed, or in files of their own. */
export type Holding = Installed & {
  access: SecretsAccess;
  /** False: a kind that is unknown may be one of a plugin that is not loaded. */
  areKindsComplete: boolean;
  /** The text of a file that the spec names. Throws a UsageError when it cannot be read. */
  readText(path: string): string;
};

/** Reads every configuration of a spec that is sealed, or in a file of its own. */
export async function holdConfigs(spec: ParsedSpec, holding: Holding): Promise<HeldConfigs> {
  const held = new Map<string, HeldConfig>();
  for (const place of configPlaces(spec.root ?? {}, holding.connectors)) {
    const config = await hold(place, spec, holding);
    if (config !== undefined) held.set(jsonPointer(place.path), config);
  }
  return { all: [...held.values()], at: (path) => held.get(jsonPointer(path)) };
}

async function hold(place: ConfigPlace, spec: ParsedSpec, holding: Holding): Promise<HeldConfig | undefined> {
  const { value, materialization } = place;
  if (typeof value !== 'string') {
    if (!isSealed(value)) return undefined;
    return await open(place, spec.orderedAt(place.path), undefined, holding);
  }
  const { root, issues, orderedAt } = parseSpec(holding.readText(value), value, { file: value, materialization });
  if (root === undefined) return { ...plain, config: undefined, file: issues };
  if (!isSealed(root)) return { ...plain, config: root, file: issues };
  return await open(place, orderedAt([]), issues, holding);
}

const plain = { problems: [], unknownSecrets: new Set<string>(), seal: undefined } as const;

async function open(
  place: ConfigPlace,
  document: OrderedValue,
  file: HeldConfig['file'],
  holding: Holding,
): Promise<HeldConfig> {
  // Not before it is needed: reading it takes as long as a short run.
  const secrets = await import('@aftercommit/secrets');
  const { opens } = holding.access;
  const whole = { problems: [], unknownSecrets: new Set<string>(), file };
  try {
    if (opens === 'never') return { ...whole, ...inspected(secrets, place, document, holding) };
    try {
      return { ...whole, config: await unsealed(secrets, place, document, holding), seal: 'verified' };
    } catch (error) {
      const isKeyMissing = secrets.isSecretsError(error) && error.code === 'SECRETS_NO_KEY';
      if (!isKeyMissing || opens === 'always') throw error;
      return { ...whole, ...inspected(secrets, place, document, holding) };
    }
  } catch (error) {
    if (!secrets.isSecretsError(error)) throw error;
    const isOfPlugin = error.code === 'SECRETS_KIND_UNKNOWN' && !holding.areKindsComplete;
    return { ...whole, config: undefined, problems: isOfPlugin ? [] : [issueOf(error)], seal: 'unverified' };
  }
}

type Secrets = typeof import('@aftercommit/secrets');

function inspected(
  { inspectSealedTriggers, inspectSealedConfig }: Secrets,
  place: ConfigPlace,
  document: OrderedValue,
  { registry }: Holding,
): Pick<HeldConfig, 'config' | 'unknownSecrets' | 'seal'> {
  const label = labelOf(place);
  const { config, secrets } =
    place.of.part === 'triggers'
      ? inspectSealedTriggers(document, { schemaOf: schemasOf({ registry }), label })
      : inspectSealedConfig(document, { schema: place.of.schema, label });
  return { config, unknownSecrets: new Set(secrets.map(({ pointer }) => pointer)), seal: 'unverified' };
}

async function unsealed(
  { unsealTriggers, unsealConfig }: Secrets,
  place: ConfigPlace,
  document: OrderedValue,
  { registry, access }: Holding,
): Promise<unknown> {
  const options = { ...(await access.keys()), label: labelOf(place) };
  return place.of.part === 'triggers'
    ? await unsealTriggers(document, { ...options, schemaOf: schemasOf({ registry }) })
    : await unsealConfig(document, { ...options, schema: place.of.schema });
}

/** The schemas of the registered kinds. */
export function schemasOf({ registry }: Pick<Installed, 'registry'>): KindSchemas {
  return (kind) => registry.find(kind)?.configSchema;
}

/** Where a seal is broken cannot be seen: the whole of it is. */
function issueOf({ message, pointer = '/sops' }: SecretsError): ConfigIssue {
  return { severity: 'error', code: 'CONFIG_SEALED', pointer, message };
}
