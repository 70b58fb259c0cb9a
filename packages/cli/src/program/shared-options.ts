import { type Command, Option } from 'commander';
import { collected } from '../kinds/kind-options.js';

/** The spec, of every command that reads one. */
export const specArgument = ['<spec>', 'the spec: YAML or JSON'] as const;

/** The key of every command that opens what is sealed. */
export const sopsOption = [
  '--sops <program>',
  'the sops command, to open what no age key at hand opens (keys of clouds, PGP)',
] as const;

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
