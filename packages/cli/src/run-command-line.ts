import type { MaterializationOptions } from '@aftercommit/runtime-adapter';
import { CommanderError } from 'commander';
import type { CommandLineIo } from './command-line-io.js';
import { exitCodes } from './exit-code.js';
import { parkedChangeCommand } from './kept/parked-change-command.js';
import { parkedListCommand } from './kept/parked-list-command.js';
import { parkedShowCommand } from './kept/parked-show-command.js';
import { planCommand } from './kept/plan-command.js';
import { statusCommand } from './kept/status-command.js';
import { verifyCommand } from './kept/verify-command.js';
import type { KindsArguments } from './kinds/kinds-command.js';
import { asksForPlugins } from './kinds/load-kinds.js';
import { Output } from './output.js';
import { buildProgram } from './program.js';
import { safeLines } from './readable-text.js';
import { type Outputs, runCommand } from './run-command.js';
import type { DecorateMaterialization } from './run-task.js';
import type { SealArguments } from './sealed/seal-command.js';
import type { SetArguments } from './sealed/set-command.js';
import type { UnsealArguments } from './sealed/unseal-command.js';
import type { StateArguments } from './state-store.js';
import { traceOf } from './unexpected-error.js';
import { UsageError } from './usage-error.js';
import { validateCommand } from './validate-command.js';

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
  const ended = await runSafely(given, { stdout, stderr });
  await stdout.end();
  const { failure } = stdout;
  if (failure !== undefined) stderr.line(`Standard output cannot be written: ${failure.message}.`);
  await stderr.end();
  const exitCode = failure !== undefined && ended === exitCodes.done ? exitCodes.failed : ended;
  // A stranger's module may hold a timer or a socket, which would keep the process alive for ever.
  if (given.hasPlugins) io.exit(exitCode);
  return exitCode;
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
    if (error instanceof UsageError) {
      outputs.stderr.line(error.message);
      return exitCodes.usage;
    }
    // Nobody meant this to happen: whoever mends it needs to know where.
    outputs.stderr.line(safeLines(traceOf(error)));
    return exitCodes.failed;
  }
}

async function runProgram(invocation: Invocation, outputs: Outputs): Promise<number> {
  const { args, io, decorate } = invocation;
  const { stdout, stderr } = outputs;
  let exitCode: number = exitCodes.done;
  const commands = {
    run: (given: Parameters<typeof runCommand>[0]) => runCommand(given, io, outputs, decorate),
    validate: (given: Parameters<typeof validateCommand>[0]) => validateCommand(given, io, stdout),
    // What only these need is read only for them.
    seal: async (given: SealArguments) => (await import('./sealed/seal-command.js')).sealCommand(given, io, outputs),
    unseal: async (given: UnsealArguments) =>
      (await import('./sealed/unseal-command.js')).unsealCommand(given, io, outputs),
    set: async (given: SetArguments) => (await import('./sealed/set-command.js')).setCommand(given, io, outputs),
    plan: (given: Parameters<typeof planCommand>[0]) => planCommand(given, io, outputs),
    status: (given: Parameters<typeof statusCommand>[0]) => statusCommand(given, io, outputs),
    fleetStatus: async (given: StateArguments & { json: boolean }) =>
      (await import('./fleet/fleet-status-command.js')).fleetStatusCommand(given, io, outputs),
    verify: (given: Parameters<typeof verifyCommand>[0]) => verifyCommand(given, io, outputs),
    parkedList: (given: Parameters<typeof parkedListCommand>[0]) => parkedListCommand(given, io, outputs),
    parkedShow: (given: Parameters<typeof parkedShowCommand>[0]) => parkedShowCommand(given, io, outputs),
    parkedChange: (given: Parameters<typeof parkedChangeCommand>[0]) => parkedChangeCommand(given, io, outputs),
    kinds: async (given: KindsArguments) => (await import('./kinds/kinds-command.js')).kindsCommand(given, io, outputs),
  };
  const help = args.length === 0 ? stderr : stdout;
  const program = buildProgram(
    commands,
    (code) => {
      exitCode = code;
    },
    { help: (text) => help.write(text), complaint: (text) => stderr.line(complaint(text)) },
  );
  program.hook('preAction', (_program, command) => {
    invocation.hasPlugins = asksForPlugins(command.opts());
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for is no failure; help instead of a command is.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
}

/** `error: unknown option '--fllow'` and a suggestion in a line of its own, as one line that says what to do. */
function complaint(text: string): string {
  const [what = '', ...suggestion] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const first = `${what.charAt(0).toUpperCase()}${what.slice(1)}`.replace(/\.$/, '');
  const hint = suggestion.join(' ').replace(/^\(Did/, '(did');
  return `${[first, hint].filter(Boolean).join(' ')}. See aftercommit --help.`;
}
