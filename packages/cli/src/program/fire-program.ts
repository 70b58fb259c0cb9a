import type { Command } from 'commander';
import type { FireArguments } from '../fire/fire-command.js';
import { addKindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import {
  addChoiceOptions,
  addStateOptions,
  concurrencyOption,
  jsonOption,
  sopsOption,
  specArgument,
  windowOption,
} from './shared-options.js';

/** `aftercommit fire`. */
export function addFire(program: Command, call: CommandCall): void {
  const fire = program
    .command('fire')
    .description(
      'Sends a test for each trigger: one attempt, marked as a test, and says what the receiver answered. Stores nothing; the receiver acts on it.',
    )
    .argument(...specArgument)
    .option(...windowOption)
    .addOption(concurrencyOption())
    .action(async (specPath: string, options: Partial<FireArguments>) => {
      const { fireCommand } = await import('../fire/fire-command.js');
      await call.does(fireCommand, { json: false, ...options, specPath });
    });
  addStateOptions(addChoiceOptions(fire).option(...jsonOption)).option(...sopsOption);
  addKindOptions(fire);
  addHelpPage(fire, {
    examples: {
      'aftercommit fire weather.yaml --trigger slack': 'one test of this trigger',
      'aftercommit fire weather.yaml': 'of every trigger, side by side',
      'aftercommit fire weather.yaml --window window.json': 'with other variables: {"docs_total": 3}',
      'aftercommit fire weather.yaml --json | jq -r .outcome': '',
    },
    exitCodes: {
      0: 'every test was delivered',
      1: 'a test was not delivered, or the state cannot be read',
      2: 'the spec, the window or the arguments are wrong; nothing was sent',
    },
  });
}
