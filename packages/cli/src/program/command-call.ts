import { exitCodes } from '../exit-code.js';
import type { DecorateMaterialization } from '../run/run-task.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';

/** A command that was called: returns the exit code. */
type CommandFunction<Given> = (given: Given, io: CommandLineIo, outputs: Outputs) => Promise<number>;

/** One call of the command line: what its command works with, and the exit code that it came to. */
export class CommandCall {
  readonly io: CommandLineIo;
  readonly outputs: Outputs;
  /** What stands between the runtime and what a run works with. */
  readonly decorate: DecorateMaterialization;
  exitCode: number = exitCodes.done;

  constructor(io: CommandLineIo, outputs: Outputs, decorate: DecorateMaterialization) {
    this.io = io;
    this.outputs = outputs;
    this.decorate = decorate;
  }

  /** Runs the command with what was given to it. */
  async does<Given>(command: CommandFunction<Given>, given: NoInfer<Given>): Promise<void> {
    this.exitCode = await command(given, this.io, this.outputs);
  }
}
