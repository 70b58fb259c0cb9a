import type { Command } from 'commander';
import { addKindOptions } from '../kinds/kind-options.js';
import type { UnsealArguments } from '../sealed/unseal-command.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { jsonOption, materializationArgument, sopsOption, specArgument } from './shared-options.js';

/** `aftercommit unseal`. */
export function addUnseal(program: Command, call: CommandCall): void {
  const unseal = program
    .command('unseal')
    .description(
      'Prints a sealed configuration as it was, or checks with --check that each can be opened and is intact. Changes no file.',
    )
    .argument(...specArgument)
    .argument(...materializationArgument)
    .option('--check', 'print no value: only say of each whether a key opens it and nothing was changed')
    .option(...jsonOption)
    .option(...sopsOption)
    .action(async (specPath: string, materialization: string | undefined, options: Partial<UnsealArguments>) => {
      const wanted = materialization === undefined ? {} : { materialization };
      const { unsealCommand } = await import('../sealed/unseal-command.js');
      await call.does(unsealCommand, { check: false, json: false, ...options, ...wanted, specPath });
    });
  addKindOptions(unseal);
  addHelpPage(unseal, {
    examples: {
      'aftercommit unseal weather.yaml --check': '',
      'SOPS_AGE_KEY_FILE=key.txt aftercommit unseal weather.yaml acmeCo/views/weather': '',
    },
    exitCodes: {
      0: 'it is printed, or every seal is intact',
      1: 'no key opens it, or it was changed after it was sealed',
      2: 'the spec or the arguments are wrong, or nothing is sealed',
    },
  });
}
