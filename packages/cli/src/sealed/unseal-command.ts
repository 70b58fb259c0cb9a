import { inspectSealedConfig, inspectSealedTriggers, unsealConfig, unsealTriggers } from '@aftercommit/secrets';
import { stringify } from 'yaml';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import type { InstalledKinds } from '../kinds/installed-kinds.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { counted } from '../terminal/readable-text.js';
import type { SpecArguments } from '../validate/spec-file.js';
import { schemasOf } from './hold-configs.js';
import { kindsFor } from './kinds-for.js';
import { type Keys, secretsAccess } from './secrets-access.js';
import { saySecretsError } from './secrets-failure.js';
import { type SpecConfig, specConfigs } from './spec-configs.js';

/** The arguments of `aftercommit unseal`. */
export type UnsealArguments = SpecArguments & {
  /** Undefined: every one. */
  materialization?: string;
  /** Only says whether each can be opened and is intact. */
  check: boolean;
  /** Of the configuration that is printed: `yaml` unless it is this. */
  json: boolean;
  /** The `sops` command, for what no age key opens. Undefined: it is not asked. */
  sops?: string;
};

/** Prints what is sealed of a materialization as it was before, or checks whether each can be opened. Changes no file. */
export async function unsealCommand(given: UnsealArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const sealed = specConfigs(given.specPath, io.cwd).filter(
    ({ place, isSealed }) =>
      isSealed && (given.materialization === undefined || place.materialization === given.materialization),
  );
  if (sealed.length === 0) throw new UsageError(nothingSealed(given));
  const names = [...new Set(sealed.map(({ place }) => place.materialization))];
  if (!given.check && names.length > 1) throw new UsageError(oneOf(names, given));
  const kinds = await kindsFor(given, io);
  const opening = { ...(await secretsAccess('always', io, given.sops).keys()), kinds };
  if (given.check) return await checkAll(sealed, opening, outputs);
  return await saySecretsError(outputs.stderr, async () => {
    const config = await allUnsealed(sealed, opening);
    outputs.stdout.write(given.json ? `${JSON.stringify(config, null, 2)}\n` : stringify(config));
    return exitCodes.done;
  });
}

/** What opens configurations, and the kinds that their triggers can be of. */
type Opening = Keys & { kinds: InstalledKinds };

async function checkAll(sealed: readonly SpecConfig[], opening: Opening, { stdout, stderr }: Outputs): Promise<number> {
  let exitCode: number = exitCodes.done;
  for (const config of sealed) {
    const found = await saySecretsError(stderr, async () => {
      await unsealed(config, opening);
      stdout.line(intact(config, opening));
      return exitCodes.done;
    });
    if (found !== exitCodes.done) exitCode = found;
  }
  return exitCode;
}

function intact({ label, place: { of }, value }: SpecConfig, { kinds }: Opening): string {
  const { secrets, recipients, sealedAt } =
    of.part === 'triggers'
      ? inspectSealedTriggers(value, { schemaOf: schemasOf(kinds), label })
      : inspectSealedConfig(value, { schema: of.schema, label });
  const whom = recipients.join(', ');
  return `${label} is intact: ${counted(secrets.length, 'secret')}, sealed at ${sealedAt} for ${whom}.`;
}

/** What is sealed of one materialization: the configuration itself, or each by what it is of. */
async function allUnsealed(sealed: readonly SpecConfig[], opening: Opening): Promise<unknown> {
  const configs: Array<[part: string, config: unknown]> = [];
  for (const one of sealed) configs.push([one.place.of.part, await unsealed(one, opening)]);
  const [only, ...others] = configs;
  return others.length === 0 ? only?.[1] : Object.fromEntries(configs);
}

async function unsealed({ place: { of }, value, label }: SpecConfig, { kinds, ...keys }: Opening): Promise<unknown> {
  const options = { ...keys, label };
  return of.part === 'triggers'
    ? await unsealTriggers(value, { ...options, schemaOf: schemasOf(kinds) })
    : await unsealConfig(value, { ...options, schema: of.schema });
}

function nothingSealed({ specPath, materialization }: UnsealArguments): string {
  const where = materialization === undefined ? specPath : `${materialization} of ${specPath}`;
  return `Nothing is sealed in ${where}.`;
}

function oneOf(names: readonly string[], { specPath }: UnsealArguments): string {
  const all = names.join(', ');
  return `Say which of them to print: aftercommit unseal ${specPath} MATERIALIZATION, of ${all}; or --check them all.`;
}
