import { auditTask } from '@aftercommit/persistence/audit';
import { exitCodes } from '../exit-code.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { type KeptArguments, withKeptStore } from './kept-state.js';
import { elsewhereLine, elsewhereObject, tasksElsewhere } from './tasks-elsewhere.js';
import { verifyLines } from './verify-lines.js';
import { verifyObjects } from './verify-objects.js';

/** The arguments of `aftercommit verify`. */
export type VerifyArguments = KeptArguments & { json: boolean; all: boolean };

/** Says whether what is kept of every materialization is consistent. One snapshot each: a run may go on beside it. */
export async function verifyCommand(given: VerifyArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  return await withKeptStore(given, io, async ({ spec, store }) => {
    let exitCode: number = exitCodes.done;
    for (const task of spec.tasks) {
      const verified = { spec: task, audit: auditTask(await store.read(task.name)) };
      if (verified.audit.inconsistencies.length > 0) exitCode = exitCodes.failed;
      const lines = given.json
        ? verifyObjects(verified, given.all).map((object) => JSON.stringify(object))
        : verifyLines(verified, given.all, io.clock.now());
      for (const line of lines) outputs.stdout.line(line);
    }
    for (const task of await tasksElsewhere({ spec, store })) {
      const line = given.json
        ? JSON.stringify({ event: 'not-in-spec', ...elsewhereObject(task) })
        : elsewhereLine(task, given.specPath);
      outputs.stdout.line(line);
    }
    return exitCode;
  });
}
