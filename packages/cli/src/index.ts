export type { DecorateMaterialization } from './run/run-task.js';
export { runCommandLine } from './run-command-line.js';
export type { CommandLineIo, StopSignal, TerminalStream } from './terminal/command-line-io.js';
export { processIo } from './terminal/process-io.js';
