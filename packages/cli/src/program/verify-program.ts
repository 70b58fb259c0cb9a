import type { Command } from 'commander';
import type { Looking } from '../kept/kept-state.js';
import { verifyCommand } from '../kept/verify-command.js';
import { addKindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addStateOptions, specArgument } from './shared-options.js';

/** `aftercommit verify`. */
export function addVerify(program: Command, call: CommandCall): void {
  const verify = program
    .command('verify')
    .description(
      'Says of each of the last 1,000 commits what became of it in every trigger, and what in the state is inconsistent. A run may go on beside it.',
    )
    .argument(...specArgument)
    .option('--all', 'print also every commit')
    .option('--json', 'print one JSON object per line: every inconsistency, and a summary per materialization')
    .addHelpText('after', examples)
    .action(async (specPath: string, options: Partial<Looking & { all: boolean }>) => {
      await call.does(verifyCommand, { json: false, all: false, ...options, specPath });
    });
  addKindOptions(addStateOptions(verify));
}

const examples = `
Examples:
  $ aftercommit verify weather.yaml
  $ aftercommit verify weather.yaml --all
  $ aftercommit verify weather.yaml --json | jq 'select(.event == "inconsistency")'

Exit codes:
  0  the state is consistent: every commit is delivered, waiting, parked, or was dropped by a person
  1  something is inconsistent
  2  the spec or the arguments are wrong, or there is no state`;
