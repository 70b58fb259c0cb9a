import type { Command } from 'commander';
import type { Looking } from '../kept/kept-state.js';
import { type ParkedChangeArguments, parkedChangeCommand } from '../kept/parked-change-command.js';
import { parkedListCommand } from '../kept/parked-list-command.js';
import { parkedShowCommand } from '../kept/parked-show-command.js';
import { addKindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addStateOptions, specArgument } from './shared-options.js';

/** `aftercommit parked`, which only has commands. */
export function addParked(program: Command, call: CommandCall): void {
  const parked = program
    .command('parked')
    .description(
      'Lists, shows, replays and drops deliveries that failed for good and were set aside (onFailure: park).',
    )
    .addHelpText('after', examples);
  addList(parked, call);
  addShow(parked, call);
  addChange(parked, call, 'replay', 'Delivers parked ones again, under their old keys.');
  addChange(parked, call, 'drop', 'Forgets parked ones: nobody will be told of them.').option(
    '--outbox <name>',
    'an outbox that has no trigger any more, and everything in it',
  );
}

function addList(parked: Command, call: CommandCall): void {
  const list = parked
    .command('list')
    .description('Lists what is parked.')
    .argument(...specArgument)
    .option('--json', 'print one JSON object per parked delivery')
    .action((specPath: string, options: Partial<Looking>) =>
      call.does(parkedListCommand, { json: false, ...options, specPath }),
    );
  addKindOptions(addStateOptions(list));
}

function addShow(parked: Command, call: CommandCall): void {
  const show = parked
    .command('show')
    .description('Shows everything about one parked delivery, and its payload as it would be made now.')
    .argument(...specArgument)
    .argument('<key>', 'its idempotency key')
    .option('--json', 'print one JSON object')
    .action((specPath: string, key: string, options: Partial<Looking>) =>
      call.does(parkedShowCommand, { json: false, ...options, specPath, key }),
    );
  addKindOptions(addStateOptions(show));
}

function addChange(parked: Command, call: CommandCall, change: 'replay' | 'drop', description: string): Command {
  const command = parked
    .command(change)
    .description(`${description} Done by the run that goes on, or by the next one.`)
    .argument(...specArgument)
    .argument('[keys...]', 'idempotency keys')
    .option('--all', 'everything that is parked')
    .option('--trigger <name>', 'only what this trigger has parked')
    .action((specPath: string, keys: string[], options: Partial<ParkedChangeArguments>) =>
      call.does(parkedChangeCommand, { all: false, ...options, specPath, change, keys }),
    );
  return addKindOptions(addStateOptions(command));
}

const examples = `
Examples:
  $ aftercommit parked list weather.yaml
  $ aftercommit parked show weather.yaml msg_0f1e2d3c4b5a69788796a5b4c3d2e1f0
  $ aftercommit parked replay weather.yaml --all --trigger slack
  $ aftercommit parked drop weather.yaml --outbox old-name`;
