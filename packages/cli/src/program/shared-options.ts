import { type Command, InvalidArgumentError, Option } from 'commander';
import { collected } from '../kinds/kind-options.js';

/*
 * Arguments and options of several commands: the same words everywhere. After a command's own options they come in this order:
 * names, --json, the state, --sops, and at last what is told of trigger kinds.
 */

/** The spec, of every command that reads one. */
export const specArgument = ['<spec>', 'the spec: YAML or JSON'] as const;

/** Of every command that works on one materialization, or on all. */
export const materializationArgument = ['[materialization]', 'only this one (default: all)'] as const;

/** Where there are many, and by default not all are meant. */
export const allOption = ['--all', 'every one of them'] as const;

/** Of every command. */
export const jsonOption = ['--json', 'print one JSON object per line, and nothing else: also what is wrong'] as const;

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

/** The same where names are options. */
export function materializationOption(): Option {
  return new Option('--materialization <name>', 'only this one; once for each').argParser(collected);
}

/** Which triggers, of every command that works on some, or on all. */
export function addChoiceOptions(command: Command): Command {
  return command
    .addOption(materializationOption())
    .addOption(new Option('--trigger <name>', 'only this one; once for each').argParser(collected));
}

/** Of which window, of every command that makes payloads for a person. */
export const windowOption = [
  '--window <file>',
  'variables of the window, as JSON: those that it leaves out are of the last commit, or of a placeholder',
] as const;

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
