import { type Command, InvalidArgumentError, Option } from 'commander';
import { collected } from '../kinds/kind-options.js';

/** The spec, of every command that reads one. */
export const specArgument = ['<spec>', 'the spec: YAML or JSON'] as const;

/** The key of every command that opens what is sealed. */
export const sopsOption = [
  '--sops <program>',
  'the sops command, to open what no age key at hand opens (keys of clouds, PGP)',
] as const;

/** How much is in flight at a time, of every command that makes attempts. */
export function concurrencyOption(): Option {
  return new Option(
    '--concurrency <n>',
    'attempts in flight at a time, over all triggers of all materializations (default: no limit)',
  ).argParser(attemptsAtATime);
}

function attemptsAtATime(text: string): number {
  const most = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(most) && most >= 1) return most;
  throw new InvalidArgumentError('It is a whole number, at least 1.');
}

/** Which triggers, and of which window, of every command that makes payloads for a person. */
export function addChoiceOptions(command: Command): Command {
  return command
    .addOption(new Option('--materialization <name>', 'only this one; once for each').argParser(collected))
    .addOption(new Option('--trigger <name>', 'only this one; once for each').argParser(collected))
    .option(
      '--window <file>',
      'variables of the window, as JSON: those that it leaves out are of the last commit, or of a placeholder',
    );
}

/** Where the state is, of every command that has one. */
export function addStateOptions(command: Command): Command {
  return command
    .option('--state <file>', 'where the state is kept (default: .aftercommit/state.db beside the spec)')
    .addOption(
      new Option(
        '--store <url>',
        'the PostgreSQL database where it is kept instead: postgres://user@host/database (default: AFTERCOMMIT_STORE)',
      ).conflicts('state'),
    );
}
