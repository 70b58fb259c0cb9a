/** The command line as its bin runs it, for a bundle of the sources. */
import { processIo, runCommandLine } from '@aftercommit/cli';

process.exitCode = await runCommandLine(process.argv.slice(2), processIo());
