import type { Command } from 'commander';
import type { Looking } from '../kept/kept-state.js';
import { type ParkedChangeArguments, parkedChangeCommand } from '../kept/parked-change-command.js';
import { type ParkedListArguments, parkedListCommand } from '../kept/parked-list-command.js';
import { parkedShowCommand } from '../kept/parked-show-command.js';
import { addKindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import {
  addStateOptions,
  allOption,
  jsonOption,
  materializationOption,
  specArgument,
  triggerOption,
} from './shared-options.js';

/** `aftercommit parked`, which only has commands. */
export function addParked(program: Command, call: CommandCall): void {
  const parked = program
    .command('parked')
    .description(
      'Lists, shows, replays and drops deliveries that failed for good and were set aside. That happens to triggers with onFailure: park.',
    );
  addHelpPage(parked, {
    examples: {
      'aftercommit parked list weather.yaml': '',
      [`aftercommit parked show weather.yaml ${key}`]: '',
      'aftercommit parked replay weather.yaml --all --trigger slack': '',
      'aftercommit parked drop weather.yaml --outbox old-name': '',
    },
  });
  addList(parked, call);
  addShow(parked, call);
  addReplay(parked, call);
  addDrop(parked, call);
}

const key = 'msg_0f1e2d3c4b5a69788796a5b4c3d2e1f0';

function addList(parked: Command, call: CommandCall): void {
  const list = parked
    .command('list')
    .description('Lists what is parked, since when, and why.')
    .argument(...specArgument)
    .option(...materializationOption)
    .option(...triggerOption)
    .option(...jsonOption)
    .action((specPath: string, options: Partial<ParkedListArguments>) =>
      call.does(parkedListCommand, { json: false, ...options, specPath }),
    );
  addKindOptions(addStateOptions(list));
  addHelpPage(list, {
    examples: {
      'aftercommit parked list weather.yaml': '',
      'aftercommit parked list weather.yaml --json | jq -r .idempotencyKey': '',
    },
    exitCodes: { 0: 'it is listed, also when nothing is parked', ...notDone },
  });
}

function addShow(parked: Command, call: CommandCall): void {
  const show = parked
    .command('show')
    .description('Shows everything about one parked delivery, and its payload as it would be made now.')
    .argument(...specArgument)
    .argument('<key>', 'its idempotency key')
    .option(...jsonOption)
    .action((specPath: string, wanted: string, options: Partial<Looking>) =>
      call.does(parkedShowCommand, { json: false, ...options, specPath, key: wanted }),
    );
  addKindOptions(addStateOptions(show));
  addHelpPage(show, {
    examples: {
      [`aftercommit parked show weather.yaml ${key}`]: '',
      [`aftercommit parked show weather.yaml ${key} --json | jq -r .payload`]: '',
    },
    exitCodes: { 0: 'it is shown', ...notDone },
  });
}

function addReplay(parked: Command, call: CommandCall): void {
  const replay = parked
    .command('replay')
    .description('Delivers parked ones again, under their old keys. Done by the run that goes on, or by the next one.');
  addKindOptions(addStateOptions(addChange(replay, call, 'replay')));
  addHelpPage(replay, {
    examples: {
      [`aftercommit parked replay weather.yaml ${key}`]: '',
      'aftercommit parked replay weather.yaml --all --trigger slack': 'everything that slack has parked',
    },
    exitCodes: { 0: 'it is asked for: a run does it, or the next one will', ...notDone },
  });
}

function addDrop(parked: Command, call: CommandCall): void {
  const drop = parked
    .command('drop')
    .description('Forgets parked ones: nobody will be told of them. Done by the run that goes on, or by the next one.')
    .option('--outbox <name>', 'an outbox that has no trigger any more, and everything in it');
  addKindOptions(addStateOptions(addChange(drop, call, 'drop')));
  addHelpPage(drop, {
    examples: {
      [`aftercommit parked drop weather.yaml ${key}`]: '',
      'aftercommit parked drop weather.yaml --all --trigger slack': 'everything that slack has parked',
      'aftercommit parked drop weather.yaml --outbox old-name': 'what a trigger left that was removed',
    },
    exitCodes: { 0: 'it is asked for: a run does it, or the next one will', ...notDone },
  });
}

function addChange(command: Command, call: CommandCall, change: 'replay' | 'drop'): Command {
  return command
    .argument(...specArgument)
    .argument('[keys...]', 'idempotency keys')
    .option(...allOption)
    .option(...materializationOption)
    .option(...triggerOption)
    .option(...jsonOption)
    .action((specPath: string, keys: string[], options: Partial<ParkedChangeArguments>) =>
      call.does(parkedChangeCommand, { json: false, all: false, ...options, specPath, change, keys }),
    );
}

const notDone = {
  1: 'the state cannot be read or written',
  2: 'the spec or the arguments are wrong, there is no state, or nothing of the kind is parked',
};
