import type { Command } from 'commander';
import { type VerifyArguments, verifyCommand } from '../kept/verify-command.js';
import { addKindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { addStateOptions, allOption, jsonOption, specArgument } from './shared-options.js';

/** `aftercommit verify`. */
export function addVerify(program: Command, call: CommandCall): void {
  const verify = program
    .command('verify')
    .description(
      'Says what became of the last 1,000 commits in every trigger, and what in the state is inconsistent. Counts the commits, and names with --all every one of them. A run may go on beside it.',
    )
    .argument(...specArgument)
    .option(...allOption)
    .option(...jsonOption)
    .action(async (specPath: string, options: Partial<VerifyArguments>) => {
      await call.does(verifyCommand, { json: false, all: false, ...options, specPath });
    });
  addKindOptions(addStateOptions(verify));
  addHelpPage(verify, {
    examples: {
      'aftercommit verify weather.yaml': '',
      'aftercommit verify weather.yaml --all': 'also a line for every commit',
      [`aftercommit verify weather.yaml --json | jq 'select(.event == "inconsistency")'`]: '',
    },
    exitCodes: {
      0: 'the state is consistent: every commit is delivered, waiting, parked, or was dropped by a person',
      1: 'something is inconsistent, or the state cannot be read',
      2: 'the spec or the arguments are wrong, or there is no state',
    },
  });
}
