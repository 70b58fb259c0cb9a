import { inspectSealedConfig, inspectSealedTriggers, unsealConfig, unsealTriggers } from '@aftercommit/secrets';
import { stringify } from 'yaml';
import type { CommandLineIo } from '../command-line-io.js';
import { exitCodes } from '../exit-code.js';
import { counted } from '../readable-text.js';
import type { Outputs } from '../run-command.js';
import { kinds } from '../spec-file.js';
import { UsageError } from '../usage-error.js';
import { schemasOf } from './hold-configs.js';
import { type SecretsAccess, secretsAccess } from './secrets-access.js';
import { saySecretsError } from './secrets-failure.js';
import { type SpecConfig, specConfigs } from './spec-configs.js';

/** The arguments of `aftercommit unseal`. */
export type UnsealArguments = {
  specPath: string;
  /** Undefined: every one. */
  materialization?: string;
  /** Only says whether each can be opened and is intact. */
  check: boolean;
  /** Of the configuration that is printed: `yaml` unless it is this. */
  json: boolean;
  /** The `sops` command, for what no age key opens. Undefined: it is not asked. */
  sops?: string;
};

/** Prints a sealed configuration as it was before, or checks whether each can be opened. Changes no file. */
export async function unsealCommand(given: UnsealArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const sealed = specConfigs(given.specPath, io.cwd).filter(
    ({ place, isSealed }) =>
      isSealed && (given.materialization === undefined || place.materialization === given.materialization),
  );
  const [only, ...others] = sealed;
  if (only === undefined) throw new UsageError(nothingSealed(given));
  const access = await secretsAccess('always', io, given.sops);
  if (given.check) return await checkAll(sealed, access, outputs);
  if (others.length > 0) throw new UsageError(oneOf(sealed, given));
  return await saySecretsError(outputs.stderr, async () => {
    const config = await unsealed(only, access);
    outputs.stdout.write(given.json ? `${JSON.stringify(config, null, 2)}\n` : stringify(config));
    return exitCodes.done;
  });
}

async function checkAll(
  sealed: readonly SpecConfig[],
  access: SecretsAccess,
  { stdout, stderr }: Outputs,
): Promise<number> {
  let exitCode: number = exitCodes.done;
  for (const config of sealed) {
    const found = await saySecretsError(stderr, async () => {
      await unsealed(config, access);
      stdout.line(intact(config));
      return exitCodes.done;
    });
    if (found !== exitCodes.done) exitCode = found;
  }
  return exitCode;
}

function intact({ label, place: { of }, value }: SpecConfig): string {
  const { secrets, recipients, sealedAt } =
    of.part === 'triggers'
      ? inspectSealedTriggers(value, { schemaOf: schemasOf({ registry: kinds }), label })
      : inspectSealedConfig(value, { schema: of.schema, label });
  const whom = recipients.join(', ');
  return `${label} is intact: ${counted(secrets.length, 'secret')}, sealed at ${sealedAt} for ${whom}.`;
}

async function unsealed({ place: { of }, value, label }: SpecConfig, access: SecretsAccess): Promise<unknown> {
  const { keySources, sopsCommand } = access;
  const options = { keySources, label, ...(sopsCommand === undefined ? {} : { sopsCommand }) };
  return of.part === 'triggers'
    ? await unsealTriggers(value, { ...options, schemaOf: schemasOf({ registry: kinds }) })
    : await unsealConfig(value, { ...options, schema: of.schema });
}

function nothingSealed({ specPath, materialization }: UnsealArguments): string {
  const where = materialization === undefined ? specPath : `${materialization} of ${specPath}`;
  return `Nothing is sealed in ${where}.`;
}

function oneOf(sealed: readonly SpecConfig[], { specPath }: UnsealArguments): string {
  const names = [...new Set(sealed.map(({ place }) => place.materialization))].join(', ');
  return `Say which of them to print: aftercommit unseal ${specPath} MATERIALIZATION, of ${names}; or --check them all.`;
}
