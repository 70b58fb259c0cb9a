import type { Command } from 'commander';
import { addKindOptions } from '../kinds/kind-options.js';
import { type ValidateArguments, validateCommand } from '../validate/validate-command.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { jsonOption, sopsOption, specArgument } from './shared-options.js';

/** `aftercommit validate`. */
export function addValidate(program: Command, call: CommandCall): void {
  const validate = program
    .command('validate')
    .description(
      'Checks a spec and says everything that is wrong with it. Contacts nobody. Sealed configurations need no key; where one is at hand, their seals are verified.',
    )
    .argument(...specArgument)
    .option(...jsonOption)
    .option(...sopsOption)
    .action(async (specPath: string, options: Partial<ValidateArguments>) => {
      await call.does(validateCommand, { json: false, ...options, specPath });
    });
  addKindOptions(validate);
  addHelpPage(validate, {
    examples: {
      'aftercommit validate weather.yaml': '',
      'aftercommit validate weather.yaml --json | jq -r .message': '',
    },
    exitCodes: { 0: 'the spec is valid; it may have warnings', 2: 'the spec has errors, or cannot be read' },
  });
}
