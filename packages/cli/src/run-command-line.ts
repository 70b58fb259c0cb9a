import type { MaterializationOptions } from '@aftercommit/runtime-adapter';
import { type Command, CommanderError } from 'commander';
import { sayError } from './errors/say-error.js';
import { requireKnownNames } from './errors/unknown-names.js';
import { UsageError } from './errors/usage-error.js';
import { exitCodes } from './exit-code.js';
import { asksForPlugins } from './kinds/load-kinds.js';
import { buildProgram } from './program/build-program.js';
import { CommandCall } from './program/command-call.js';
import type { DecorateMaterialization } from './run/run-task.js';
import type { CommandLineIo } from './terminal/command-line-io.js';
import { Output, type Outputs } from './terminal/output.js';

/**
 * Runs the command line. Resolves when everything that was printed has been taken: a slow reader of a pipe misses nothing.
 *
 * @param args Those of the process, without the program and the script.
 * @param decorate For a program that has to stand between the runtime and what it works with, as one does that shows what a
 *   run survives: crash points, faults, a fixed clock. The shipped command passes none: what it makes is used as it is.
 * @returns The exit code.
 */
export async function runCommandLine(
  args: readonly string[],
  io: CommandLineIo,
  decorate: DecorateMaterialization = asItIs,
): Promise<number> {
  const stdout = new Output(io.stdout);
  const stderr = new Output(io.stderr);
  const given = { args, io, decorate, hasPlugins: false };
  const ended = await runSafely(given, { stdout, stderr, isJson: asksForJson(args) });
  await stdout.end();
  const { failure } = stdout;
  if (failure !== undefined) stderr.line(`Standard output cannot be written: ${failure.message}.`);
  await stderr.end();
  const exitCode = failure !== undefined && ended === exitCodes.done ? exitCodes.failed : ended;
  // A stranger's module may hold a timer or a socket, which would keep the process alive for ever.
  if (given.hasPlugins) io.exit(exitCode);
  return exitCode;
}

/** Known before the arguments are read: what is wrong with them is an object, too. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--json');
}

function asItIs(options: MaterializationOptions): MaterializationOptions {
  return options;
}

/** What the command line was given. */
type Invocation = {
  args: readonly string[];
  io: CommandLineIo;
  decorate: DecorateMaterialization;
  /** Whether plugins may have been loaded; known once the arguments are read. */
  hasPlugins: boolean;
};

async function runSafely(given: Invocation, outputs: Outputs): Promise<number> {
  try {
    return await runProgram(given, outputs);
  } catch (error) {
    return sayError(error, outputs, given.io.env);
  }
}

async function runProgram(invocation: Invocation, outputs: Outputs): Promise<number> {
  const { args, io, decorate } = invocation;
  const { stdout, stderr } = outputs;
  const call = new CommandCall(io, outputs, decorate);
  const help = args.length === 0 ? stderr : stdout;
  const program = buildProgram(call, (text) => help.write(text));
  program.hook('preAction', (_program, command) => {
    invocation.hasPlugins = asksForPlugins(command.opts());
    if (invocation.hasPlugins) io.keepConsoleApart();
  });
  try {
    // Of an unknown name only the whole help would be printed.
    if (args[0] === 'help') requireKnownNames(args.slice(1, 2), namesOf(program), { what: 'command' });
    await program.parseAsync(args, { from: 'user' });
    return call.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for is no failure; help instead of a command is.
    if (error.exitCode === 0) return exitCodes.done;
    if (error.code === 'commander.help') return exitCodes.usage;
    throw new UsageError(`${complaint(error.message)} See ${commandIn(args, program)} --help.`, { cause: error });
  }
}

/** `error: unknown option '--fllow'` and a suggestion in a line of its own, as one line that says what to do. */
function complaint(text: string): string {
  const [what = '', ...suggestion] = text
    .trim()
    .replace(/^error: /, '')
    // What is given to an option whose name is mistyped may hold a password.
    .replace(/^(unknown option '-[^=\n]*)=.*'/s, `$1'`)
    .split('\n');
  const first = `${what.charAt(0).toUpperCase()}${what.slice(1)}`.replace(/\.$/, '');
  const hint = suggestion.join(' ').replace(/^\(Did/, '(did');
  return `${[first, hint].filter(Boolean).join(' ')}.`;
}

/** The command that arguments name, as far as there is one: `aftercommit parked list`. */
function commandIn(args: readonly string[], program: Command): string {
  let command = program;
  const words = [program.name()];
  for (const word of args) {
    const named = command.commands.find((one) => one.name() === word);
    if (named === undefined) break;
    command = named;
    words.push(word);
  }
  return words.join(' ');
}

function namesOf({ commands }: Command): string[] {
  return [...commands.map((one) => one.name()), 'help'];
}
