import { runCommandLine } from './run-command-line.js';
import { processIo } from './terminal/process-io.js';

// The program, as it is bundled into one file: nothing imports it.
process.exitCode = await runCommandLine(process.argv.slice(2), processIo());
