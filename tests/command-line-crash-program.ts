/** The command line as its bin runs it, in a process that dies where the variable CRASH_AT says: `POINT#OCCURRENCE`. */
import { processIo, runCommandLine } from '@aftercommit/cli';
import { CrashPoints } from '@aftercommit/testkit';

const [point = '', occurrence] = process.env['CRASH_AT']?.split('#') ?? [];
const crash = new CrashPoints({ at: { point, occurrence: Number(occurrence) } });
process.exitCode = await runCommandLine(process.argv.slice(2), processIo(), (options) =>
  crash.materialization(options),
);
