import type { Command } from 'commander';
import type { Commands } from './commands.js';
import { collected, type KindOptions } from './kinds/kind-options.js';
import type { SealArguments } from './sealed/seal-command.js';
import type { SetArguments } from './sealed/set-command.js';
import type { UnsealArguments } from './sealed/unseal-command.js';

/** The same for every command that opens what is sealed. */
export const sopsOption = [
  '--sops <program>',
  'the sops command, to open what no age key at hand opens (keys of clouds, PGP)',
] as const;

/** `aftercommit seal`, `unseal` and `set`. `done` is told the exit code of the one that was run. */
export function addSealed(program: Command, commands: Commands, done: (exitCode: number) => void): void {
  program
    .command('seal')
    .description(
      'Encrypts the secrets of a spec in place, and protects what goes with them, such as URLs. Comments stay.',
    )
    .argument('<spec>', 'the spec: YAML or JSON')
    .argument('[materialization]', 'only this one')
    .option('--age <recipient>', 'who can open it: age1…, once for each (default: SOPS_AGE_RECIPIENTS)', collected, [])
    .option('--service <url>', 'an encryption service that seals with keys of its own')
    .addHelpText('after', sealExamples)
    .action(async (specPath: string, materialization: string | undefined, options: SealOptions) => {
      const { age: recipients, ...rest } = options;
      const given: SealArguments = { specPath, recipients, ...rest, ...(materialization && { materialization }) };
      done(await commands.seal(given));
    });
  program
    .command('unseal')
    .description(
      'Prints a sealed configuration as it was, or checks with --check that each can be opened and is intact.',
    )
    .argument('<spec>', 'the spec: YAML or JSON')
    .argument('[materialization]', 'only this one')
    .option('--check', 'print no value: only say of each whether a key opens it and nothing was changed')
    .option('--json', 'print JSON instead of YAML')
    .option(...sopsOption)
    .addHelpText('after', unsealExamples)
    .action(async (specPath: string, materialization: string | undefined, options: Partial<UnsealArguments>) => {
      const wanted = materialization === undefined ? {} : { materialization };
      done(await commands.unseal({ specPath, check: false, json: false, ...options, ...wanted }));
    });
  program
    .command('set')
    .description(
      'Adds, corrects or removes a trigger, or one field of it, in sealed triggers. Needs a key, and no other secret.',
    )
    .argument('<spec>', 'the spec: YAML or JSON')
    .argument('<materialization>', 'its name')
    .argument('<trigger>', 'its name')
    .argument('[field]', 'such as headers.Authorization or url (default: the whole trigger, as YAML or JSON)')
    .option('--remove', 'remove it')
    .addHelpText('after', setExamples)
    .action(async (...[specPath, materialization, trigger, field, options]: SetAction) => {
      const wanted = field === undefined ? {} : { field };
      done(await commands.set({ specPath, materialization, trigger, remove: false, ...options, ...wanted }));
    });
}

type SealOptions = KindOptions & { age: string[]; service?: string };

type SetAction = [string, string, string, string | undefined, Partial<SetArguments>];

const sealExamples = `
Examples:
  $ age-keygen -o key.txt                                      prints the recipient, age1…
  $ aftercommit seal weather.yaml --age age1…
  $ SOPS_AGE_KEY_FILE=key.txt aftercommit run weather.yaml

Afterwards payloadTemplate, timeout, maxAttempts, interval and onFailure can still be edited. URL, method and the names of headers cannot:
use aftercommit set. Exit codes: 0 sealed · 1 it cannot be sealed · 2 the spec or the arguments are wrong`;

const unsealExamples = `
Examples:
  $ aftercommit unseal weather.yaml --check
  $ SOPS_AGE_KEY_FILE=key.txt aftercommit unseal weather.yaml acmeCo/views/weather

Exit codes:
  0  it is printed, or every seal is intact
  1  no key opens it, or it was changed after it was sealed
  2  the spec or the arguments are wrong`;

const setExamples = `
The value is asked for, or read from standard input. It is never an argument: those can be seen by everybody on a machine.

Examples:
  $ aftercommit set weather.yaml acmeCo/views/weather slack headers.Authorization
  $ pass show hooks/dbt | aftercommit set weather.yaml acmeCo/views/weather dbt headers.Authorization
  $ aftercommit set weather.yaml acmeCo/views/weather pager < pager.yaml
  $ aftercommit set weather.yaml acmeCo/views/weather pager --remove`;
