import { checkTriggers } from '@aftercommit/delivery';
import { secretValues } from '@aftercommit/models';
import {
  ageSealer,
  encryptionServiceSealer,
  type Sealed,
  type Sealer,
  sealConfig,
  sealTriggers,
  toPlain,
} from '@aftercommit/secrets';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import type { InstalledKinds } from '../kinds/installed-kinds.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { counted } from '../terminal/readable-text.js';
import { readSpecFile, type SpecArguments } from '../validate/spec-file.js';
import { refusedSpec } from '../validate/spec-report.js';
import { EditedFiles } from './edited-files.js';
import { schemasOf } from './hold-configs.js';
import { saySecretsError } from './secrets-failure.js';
import { type SpecConfig, specConfigs } from './spec-configs.js';

/** The arguments of `aftercommit seal`. */
export type SealArguments = SpecArguments & {
  /** Undefined: every one. */
  materialization?: string;
  /** `age1…`. Empty: those of `SOPS_AGE_RECIPIENTS`. */
  recipients: readonly string[];
  /** The URL of an encryption service, which seals with keys of its own. */
  service?: string;
};

/** Seals the triggers of a spec, and its endpoints where they have secrets. Edits the files in place; comments stay. */
export async function sealCommand(given: SealArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const spec = await readSpecFile(given, io);
  if (refusedSpec(spec, io, outputs.stderr)) return exitCodes.usage;
  const all = specConfigs(given.specPath, io.cwd).filter(
    ({ place }) => given.materialization === undefined || place.materialization === given.materialization,
  );
  if (all.length === 0) throw new UsageError(nothingThere(given));
  for (const { isSealed, label } of all) if (isSealed) outputs.stdout.line(`${label} is sealed already.`);
  const { kinds } = spec;
  return await saySecretsError(outputs.stderr, async () => {
    const sealer = sealerFor(given, io);
    const files = new EditedFiles();
    const lines: string[] = [];
    // Several materializations can have one file.
    const done = new Set<string>();
    for (const config of all.filter((one) => isToBeSealed(one, kinds))) {
      const place = JSON.stringify([config.file.path, config.pathInFile]);
      if (done.has(place)) continue;
      done.add(place);
      files.replace(config, (await sealed(config, sealer, kinds)).value);
      lines.push(`${config.label} is sealed: ${counted(secretsOf(config, kinds).length, 'secret')}.`);
    }
    files.write();
    for (const line of lines) outputs.stdout.line(line);
    return exitCodes.done;
  });
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

function nothingThere({ specPath, materialization }: SealArguments): string {
  const where = materialization === undefined ? specPath : `${materialization} of ${specPath}`;
  return `There is nothing to seal in ${where}: it has no triggers. Look at its name, or add some.`;
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
