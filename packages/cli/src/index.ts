export type { CommandLineIo, StopSignal, TerminalStream } from './command-line-io.js';
export { processIo } from './process-io.js';
export { runCommandLine } from './run-command-line.js';
export type { DecorateMaterialization } from './run-task.js';
