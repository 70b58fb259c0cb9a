import { type Command, Option } from 'commander';

/*
 * Arguments and options of several commands: the same words everywhere. After a command's own options they come in this order:
 * names, --json, the state, --sops, and at last what is told of trigger kinds.
 */

/** The spec, of every command that reads one. */
export const specArgument = ['<spec>', 'the spec: YAML or JSON'] as const;

/** Of every command that works on one materialization, or on all. */
export const materializationArgument = ['[materialization]', 'only this one (default: all)'] as const;

/** The same where names are options. */
export const materializationOption = ['--materialization <name>', 'only this materialization'] as const;

/** Of every command that works on one trigger, or on all. */
export const triggerOption = ['--trigger <name>', 'only this trigger'] as const;

/** Where there are many, and by default not all are meant. */
export const allOption = ['--all', 'every one of them'] as const;

/** Of every command. */
export const jsonOption = ['--json', 'print one JSON object per line, and nothing else: also what is wrong'] as const;

/** The key of every command that opens what is sealed. */
export const sopsOption = [
  '--sops <program>',
  'the sops command, to open what no age key at hand opens (keys of clouds, PGP)',
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
