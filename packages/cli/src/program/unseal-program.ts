import type { Command } from 'commander';
import { addKindOptions } from '../kinds/kind-options.js';
import type { UnsealArguments } from '../sealed/unseal-command.js';
import type { CommandCall } from './command-call.js';
import { sopsOption, specArgument } from './shared-options.js';

/** `aftercommit unseal`. */
export function addUnseal(program: Command, call: CommandCall): void {
  const unseal = program
    .command('unseal')
    .description(
      'Prints a sealed configuration as it was, or checks with --check that each can be opened and is intact.',
    )
    .argument(...specArgument)
    .argument('[materialization]', 'only this one')
    .option('--check', 'print no value: only say of each whether a key opens it and nothing was changed')
    .option('--json', 'print JSON instead of YAML')
    .option(...sopsOption)
    .addHelpText('after', examples)
    .action(async (specPath: string, materialization: string | undefined, options: Partial<UnsealArguments>) => {
      const wanted = materialization === undefined ? {} : { materialization };
      const { unsealCommand } = await import('../sealed/unseal-command.js');
      await call.does(unsealCommand, { check: false, json: false, ...options, ...wanted, specPath });
    });
  addKindOptions(unseal);
}

const examples = `
Examples:
  $ aftercommit unseal weather.yaml --check
  $ SOPS_AGE_KEY_FILE=key.txt aftercommit unseal weather.yaml acmeCo/views/weather

Exit codes:
  0  it is printed, or every seal is intact
  1  no key opens it, or it was changed after it was sealed
  2  the spec or the arguments are wrong`;
