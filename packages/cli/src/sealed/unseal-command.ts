import {
  inspectSealedConfig,
  inspectSealedTriggers,
  isSecretsError,
  unsealConfig,
  unsealTriggers,
} from '@aftercommit/secrets';
import { stringify } from 'yaml';
import { sayError } from '../errors/say-error.js';
import { requireKnownNames } from '../errors/unknown-names.js';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import type { InstalledKinds } from '../kinds/installed-kinds.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { counted } from '../terminal/readable-text.js';
import { commandOn } from '../terminal/shell-command.js';
import type { SpecArguments } from '../validate/spec-file.js';
import { schemasOf } from './hold-configs.js';
import { kindsFor } from './kinds-for.js';
import { type Keys, secretsAccess } from './secrets-access.js';
import { configObject, type SpecConfig, specConfigs } from './spec-configs.js';

/** The arguments of `aftercommit unseal`. */
export type UnsealArguments = SpecArguments & {
  /** Undefined: every one. */
  materialization?: string;
  /** Only says whether each can be opened and is intact. */
  check: boolean;
  json: boolean;
  /** The `sops` command, for what no age key opens. Undefined: it is not asked. */
  sops?: string;
};

/**
 * Prints what is sealed of a materialization as it was before, or checks whether each can be opened. Changes no file.
 *
 * @throws UsageError when nothing of the kind is sealed, and SecretsError when it cannot be opened.
 */
export async function unsealCommand(given: UnsealArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const sealed = askedConfigs(given, specConfigs(given.specPath, io.cwd));
  const kinds = await kindsFor(given, io);
  const opening = { ...(await secretsAccess('always', io, given.sops).keys()), kinds };
  if (given.check) return await checkAll(sealed, opening, io, outputs);
  const opened: Opened[] = [];
  for (const config of sealed) opened.push({ config, value: await unsealed(config, opening) });
  if (!given.json) outputs.stdout.write(stringify(asOne(opened)));
  else for (const one of opened) outputs.stdout.line(JSON.stringify(openedObject(one)));
  return exitCodes.done;
}

/** What is sealed of the materialization that is asked for, or of each. */
function askedConfigs(given: UnsealArguments, all: readonly SpecConfig[]): SpecConfig[] {
  const { specPath, materialization, check, json } = given;
  const sealed = all.filter(({ isSealed }) => isSealed);
  const names = [...new Set(sealed.map(({ place }) => place.materialization))];
  if (names.length === 0) throw new UsageError(`Nothing is sealed in ${specPath}.`);
  if (materialization !== undefined) {
    requireKnownNames([materialization], names, { what: 'materialization', where: `that is sealed in ${specPath}` });
    return sealed.filter(({ place }) => place.materialization === materialization);
  }
  if (!check && !json && names.length > 1) {
    throw new UsageError(
      `Say which of them to print: ${commandOn('unseal', given)} MATERIALIZATION, of ${names.join(', ')}; or all with --json; or --check them.`,
    );
  }
  return sealed;
}

/** What opens configurations, and the kinds that their triggers can be of. */
type Opening = Keys & { kinds: InstalledKinds };

async function checkAll(
  sealed: readonly SpecConfig[],
  opening: Opening,
  { env }: CommandLineIo,
  outputs: Outputs,
): Promise<number> {
  let exitCode: number = exitCodes.done;
  for (const config of sealed) {
    try {
      await unsealed(config, opening);
      const seal = inspected(config, opening);
      const object = { event: 'intact', ...configObject(config), ...seal, secrets: seal.secrets.length };
      outputs.stdout.line(outputs.isJson ? JSON.stringify(object) : intactText(config, seal));
    } catch (error) {
      // The others are checked, too.
      if (!isSecretsError(error)) throw error;
      exitCode = sayError(error, outputs, env, configObject(config));
    }
  }
  return exitCode;
}

type Seal = Pick<ReturnType<typeof inspectSealedConfig>, 'secrets' | 'recipients' | 'sealedAt'>;

function inspected({ label, place: { of }, value }: SpecConfig, { kinds }: Opening): Seal {
  const { secrets, recipients, sealedAt } =
    of.part === 'triggers'
      ? inspectSealedTriggers(value, { schemaOf: schemasOf(kinds), label })
      : inspectSealedConfig(value, { schema: of.schema, label });
  return { secrets, recipients, sealedAt };
}

function intactText({ label }: SpecConfig, { secrets, recipients, sealedAt }: Seal): string {
  return `${label} is intact: ${counted(secrets.length, 'secret')}, sealed at ${sealedAt} for ${recipients.join(', ')}.`;
}

/** A configuration that was opened, and what it says. */
type Opened = { config: SpecConfig; value: unknown };

/** The configuration itself, or of several each by what it is of. */
function asOne(opened: readonly Opened[]): unknown {
  const [only, ...others] = opened;
  if (others.length === 0) return only?.value;
  return Object.fromEntries(opened.map(({ config, value }) => [config.place.of.part, value]));
}

function openedObject({ config, value }: Opened): Record<string, unknown> {
  return { event: 'unsealed', ...configObject(config), config: value };
}

async function unsealed({ place: { of }, value, label }: SpecConfig, { kinds, ...keys }: Opening): Promise<unknown> {
  const options = { ...keys, label };
  return of.part === 'triggers'
    ? await unsealTriggers(value, { ...options, schemaOf: schemasOf(kinds) })
    : await unsealConfig(value, { ...options, schema: of.schema });
}
