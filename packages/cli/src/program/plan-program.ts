import type { Command } from 'commander';
import type { Looking } from '../kept/kept-state.js';
import { planCommand } from '../kept/plan-command.js';
import { addKindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { addStateOptions, jsonOption, specArgument } from './shared-options.js';

/** `aftercommit plan`. */
export function addPlan(program: Command, call: CommandCall): void {
  const plan = program
    .command('plan')
    .description(
      'Says what the next run changes of what triggers hold, and what each would send. A run may go on beside it.',
    )
    .argument(...specArgument)
    .option(...jsonOption)
    .action(async (specPath: string, options: Partial<Looking>) => {
      await call.does(planCommand, { json: false, ...options, specPath });
    });
  addKindOptions(addStateOptions(plan));
  addHelpPage(plan, {
    examples: {
      'aftercommit plan weather.yaml': '',
      [`aftercommit plan weather.yaml --json | jq 'select(.event == "trigger") | .payload.text'`]: '',
    },
    exitCodes: {
      0: 'every outbox that holds something has a trigger after the next run, or had none before',
      1: 'the state cannot be read',
      2: 'the spec or the arguments are wrong, or a payload cannot be made',
      3: 'the next run leaves an outbox that holds something without a trigger: it waits for a person',
    },
  });
}
