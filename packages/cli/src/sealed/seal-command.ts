import { checkTriggers } from '@aftercommit/delivery';
import { jsonPointer, secretValues } from '@aftercommit/models';
import {
  ageSealer,
  encryptionServiceSealer,
  type Sealed,
  type Sealer,
  sealConfig,
  sealedFor,
  sealTriggers,
  toPlain,
} from '@aftercommit/secrets';
import { requireKnownNames } from '../errors/unknown-names.js';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import type { InstalledKinds } from '../kinds/installed-kinds.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { counted } from '../terminal/readable-text.js';
import { commandOn } from '../terminal/shell-command.js';
import { readValidSpec, type SpecArguments } from '../validate/spec-file.js';
import { EditedFiles } from './edited-files.js';
import { schemasOf } from './hold-configs.js';
import { configObject, type SpecConfig, specConfigs } from './spec-configs.js';

/** The arguments of `aftercommit seal`. */
export type SealArguments = SpecArguments & {
  /** Undefined: every one. */
  materialization?: string;
  /** `age1…`. Empty: those of `SOPS_AGE_RECIPIENTS`. */
  recipients: readonly string[];
  /** The URL of an encryption service, which seals with keys of its own. */
  service?: string;
  json: boolean;
};

/**
 * Seals the triggers of a spec, and its endpoints where they have secrets. Edits the files in place; comments stay.
 *
 * @throws UsageError when the spec has errors, or nothing is to be sealed, and SecretsError when it cannot be.
 */
export async function sealCommand(given: SealArguments, io: CommandLineIo, { stdout }: Outputs): Promise<number> {
  const { kinds } = await readValidSpec(given, io);
  const all = askedConfigs(given, specConfigs(given.specPath, io.cwd));
  for (const config of all) if (config.isSealed) requireSealedFor(config, given);
  const say = (config: SpecConfig, event: string, text: string, more: Record<string, unknown> = {}): void =>
    stdout.line(given.json ? JSON.stringify({ event, ...configObject(config), ...more }) : `${config.label} ${text}`);
  for (const config of all) if (config.isSealed) say(config, 'already-sealed', 'is sealed already.');
  const sealer = sealerFor(given, io);
  const files = new EditedFiles();
  const done: SpecConfig[] = [];
  for (const config of all.filter((one) => isToBeSealed(one, kinds))) {
    // Several materializations can have one file.
    if (done.some((before) => isSamePlace(before, config))) continue;
    done.push(config);
    files.replace(config, (await sealed(config, sealer, kinds)).value);
  }
  files.write();
  for (const config of done) {
    const secrets = secretsOf(config, kinds).length;
    say(config, 'sealed', `is sealed: ${secretsText(secrets)}.`, { secrets });
  }
  return exitCodes.done;
}

function askedConfigs({ specPath, materialization }: SealArguments, all: readonly SpecConfig[]): SpecConfig[] {
  const names = all.map(({ place }) => place.materialization);
  if (names.length === 0)
    throw new UsageError(`There is nothing to seal in ${specPath}: it has no triggers. Add some.`);
  if (materialization === undefined) return [...all];
  requireKnownNames([materialization], names, { what: 'materialization', where: `to seal in ${specPath}` });
  return all.filter(({ place }) => place.materialization === materialization);
}

/** Sealing adds nobody to what is sealed: its data key would have to be opened for that. */
function requireSealedFor({ label, value, place: { materialization } }: SpecConfig, given: SealArguments): void {
  const others = given.recipients.filter((recipient) => !sealedFor(value, label).includes(recipient));
  if (others.length === 0) return;
  const unseal = commandOn('unseal', given, materialization);
  throw new UsageError(
    `${label} is sealed already, and not for ${others.join(' and ')}; nothing was changed. Put what ${unseal} prints in its place, and seal it again for everybody.`,
  );
}

function isSamePlace(one: SpecConfig, other: SpecConfig): boolean {
  return one.file.path === other.file.path && jsonPointer(one.pathInFile) === jsonPointer(other.pathInFile);
}

/** Without secrets, too, a seal is worth something. */
function secretsText(secrets: number): string {
  if (secrets > 0) return counted(secrets, 'secret');
  return 'it has no secrets, so that nothing is encrypted; its URLs, methods and names of headers are protected';
}

function sealerFor({ recipients, service }: SealArguments, { env }: CommandLineIo): Sealer {
  if (service !== undefined && recipients.length > 0) {
    throw new UsageError('An encryption service has keys of its own: give --service or --age, not both.');
  }
  if (service !== undefined) return encryptionServiceSealer({ url: service });
  const usual = (env['SOPS_AGE_RECIPIENTS'] ?? '').split(',').map((one) => one.trim());
  const used = recipients.length > 0 ? recipients : usual.filter((one) => one !== '');
  if (used.length > 0) return ageSealer({ recipients: used });
  throw new UsageError(
    'Say who can open it: --age age1… (once for each; age-keygen -y prints it), or SOPS_AGE_RECIPIENTS, or --service URL.',
  );
}

/** All triggers: sealing also protects their URLs. An endpoint without secrets has nothing to protect. */
function isToBeSealed(config: SpecConfig, kinds: InstalledKinds): boolean {
  return !config.isSealed && (config.place.of.part === 'triggers' || secretsOf(config, kinds).length > 0);
}

function secretsOf({ place: { of }, value }: SpecConfig, { registry, egress }: InstalledKinds): string[] {
  const plain = toPlain(value);
  if (of.part === 'endpoint') return secretValues(of.schema, plain);
  return checkTriggers(plain, registry, { egress }).triggers.flatMap(({ kind, config }) =>
    secretValues(kind.configSchema, config),
  );
}

async function sealed(
  { place: { of }, value, label }: SpecConfig,
  sealer: Sealer,
  { registry, egress }: InstalledKinds,
): Promise<Sealed> {
  if (of.part === 'endpoint') return await sealConfig(value, { schema: of.schema, sealer, label });
  const { triggers } = checkTriggers(toPlain(value), registry, { egress });
  const names = value.get('config') instanceof Map ? {} : { names: triggers.map(({ name }) => name) };
  return await sealTriggers(value, { schemaOf: schemasOf({ registry }), sealer, label, ...names });
}
