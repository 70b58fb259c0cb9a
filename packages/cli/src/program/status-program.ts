import { isDurationError, parseDuration } from '@aftercommit/models';
import { type Command, InvalidArgumentError } from 'commander';
import { addKindOptions } from '../kinds/kind-options.js';
import { type StatusArguments, statusCommand } from '../status/status-command.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { addStateOptions, jsonOption, materializationOption } from './shared-options.js';

/** `aftercommit status`. */
export function addStatus(program: Command, call: CommandCall): void {
  const status = program
    .command('status')
    .description(
      'Says which triggers are stuck, why and what to do, and how far every materialization is. A run may go on beside it.',
    )
    .argument('[spec]', 'the spec: YAML or JSON (default: everything in --store, and who runs it)')
    .option('--watch [interval]', 'look again until Ctrl-C: every 2s, or as often as is said (30s, 1m)', watchInterval)
    .option(...materializationOption)
    .option(...jsonOption)
    .action(async (specPath: string | undefined, { watch, ...options }: StatusOptions) => {
      const given = { json: false, ...options, ...(specPath !== undefined && { specPath }) };
      const wanted = watch === undefined ? {} : { watch: watch === true ? everyMs : watch };
      await call.does(statusCommand, { ...given, ...wanted });
    });
  addKindOptions(addStateOptions(status));
  addHelpPage(status, {
    examples: {
      'aftercommit status weather.yaml': '',
      'aftercommit status weather.yaml --watch': 'again every 2 s',
      [`aftercommit status weather.yaml --json | jq 'select(.stuck != [])'`]: '',
      'aftercommit status --store postgres://db/weather': 'of all hosts',
    },
    exitCodes: {
      0: 'it is said, whatever it is; a watch was ended',
      1: 'the state cannot be read',
      2: 'the spec or the arguments are wrong, or there is no state',
    },
  });
}

type StatusOptions = Partial<Omit<StatusArguments, 'watch' | 'specPath'>> & { watch?: number | true };

const everyMs = 2_000;
/** More often helps nobody, and costs the database. */
const shortestMs = 100;

function watchInterval(text: string): number {
  const hint = 'Write a duration, such as 2s or 1m. Without one, put --watch behind the spec.';
  try {
    const milliseconds = parseDuration(text);
    if (milliseconds >= shortestMs) return milliseconds;
  } catch (error) {
    if (!isDurationError(error)) throw error;
    throw new InvalidArgumentError(hint);
  }
  throw new InvalidArgumentError('It is at least 100ms.');
}
