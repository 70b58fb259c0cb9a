import { type ConfigIssue, jsonPointer, type KindSchemas } from '@aftercommit/models';
import {
  inspectSealedConfig,
  inspectSealedTriggers,
  isSecretsError,
  type OrderedValue,
  type SecretsError,
  unsealConfig,
  unsealTriggers,
} from '@aftercommit/secrets';
import { type HeldConfig, type HeldConfigs, isSealed } from '../spec/held-config.js';
import { type ParsedSpec, parseSpec } from '../spec/parse-spec.js';
import type { Installed } from '../spec/read-materialization.js';
import { type ConfigPlace, configPlaces, labelOf } from './config-place.js';
import type { SecretsAccess } from './secrets-access.js';

/** What is needed to read configurations that are sealed, or in files of their own. */
export type Holding = Installed & {
  access: SecretsAccess;
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
  const { access } = holding;
  const whole = { problems: [], unknownSecrets: new Set<string>(), file };
  try {
    if (access.opens === 'never') return { ...whole, ...inspected(place, document, holding) };
    try {
      return { ...whole, config: await unsealed(place, document, holding), seal: 'verified' };
    } catch (error) {
      const isKeyMissing = isSecretsError(error) && error.code === 'SECRETS_NO_KEY';
      if (!isKeyMissing || access.opens === 'always') throw error;
      return { ...whole, ...inspected(place, document, holding) };
    }
  } catch (error) {
    if (!isSecretsError(error)) throw error;
    return { ...whole, config: undefined, problems: [issueOf(error)], seal: 'unverified' };
  }
}

function inspected(
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
  place: ConfigPlace,
  document: OrderedValue,
  { registry, access: { keySources, sopsCommand } }: Holding,
): Promise<unknown> {
  const options = { keySources, label: labelOf(place), ...(sopsCommand === undefined ? {} : { sopsCommand }) };
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
