import { type Command, Option } from 'commander';
import type { Commands, Looking } from './commands.js';
import type { ParkedChangeArguments } from './kept/parked-change-command.js';

/** The same for every command that has a state. */
export const stateOption = [
  '--state <file>',
  'where the state is kept (default: .aftercommit/state.db beside the spec)',
] as const;

/** And for what is shared by several hosts. */
export const storeOption = new Option(
  '--store <url>',
  'the PostgreSQL database where it is kept instead: postgres://user@host/database (default: AFTERCOMMIT_STORE)',
).conflicts('state');

/** `aftercommit parked`: its commands and their options. `done` is told the exit code of the one that was run. */
export function addParked(program: Command, commands: Commands, done: (exitCode: number) => void): void {
  const parked = program
    .command('parked')
    .description(
      'Lists, shows, replays and drops deliveries that failed for good and were set aside (onFailure: park).',
    )
    .addHelpText('after', parkedExamples);
  parked
    .command('list')
    .description('Lists what is parked.')
    .argument('<spec>', 'the spec: YAML or JSON')
    .option(...stateOption)
    .addOption(storeOption)
    .option('--json', 'print one JSON object per parked delivery')
    .action(async (specPath: string, options: Partial<Looking>) => {
      done(await commands.parkedList({ specPath, json: false, ...options }));
    });
  parked
    .command('show')
    .description('Shows everything about one parked delivery, and its payload as it would be made now.')
    .argument('<spec>', 'the spec: YAML or JSON')
    .argument('<key>', 'its idempotency key')
    .option(...stateOption)
    .addOption(storeOption)
    .option('--json', 'print one JSON object')
    .action(async (specPath: string, key: string, options: Partial<Looking>) => {
      done(await commands.parkedShow({ specPath, key, json: false, ...options }));
    });
  addParkedChange(parked, 'replay', 'Delivers parked ones again, under their old keys.', commands, done);
  addParkedChange(parked, 'drop', 'Forgets parked ones: nobody will be told of them.', commands, done).option(
    '--outbox <name>',
    'an outbox that has no trigger any more, and everything in it',
  );
}

function addParkedChange(
  parked: Command,
  change: 'replay' | 'drop',
  description: string,
  commands: Commands,
  done: (exitCode: number) => void,
): Command {
  return parked
    .command(change)
    .description(`${description} Done by the run that goes on, or by the next one.`)
    .argument('<spec>', 'the spec: YAML or JSON')
    .argument('[keys...]', 'idempotency keys')
    .option('--all', 'everything that is parked')
    .option('--trigger <name>', 'only what this trigger has parked')
    .option(...stateOption)
    .addOption(storeOption)
    .action(async (specPath: string, keys: string[], options: Partial<ParkedChangeArguments>) => {
      done(await commands.parkedChange({ specPath, change, keys, all: false, ...options }));
    });
}

const parkedExamples = `
Examples:
  $ aftercommit parked list weather.yaml
  $ aftercommit parked show weather.yaml msg_0f1e2d3c4b5a69788796a5b4c3d2e1f0
  $ aftercommit parked replay weather.yaml --all --trigger slack
  $ aftercommit parked drop weather.yaml --outbox old-name`;
