import { createColors } from 'picocolors';
import { exitCodes } from '../exit-code.js';
import { type AskedNames, askedTasks } from '../kept/asked-tasks.js';
import { type KeptArguments, withKept } from '../kept/kept-state.js';
import { elsewhereLine, elsewhereObject, tasksElsewhere } from '../kept/tasks-elsewhere.js';
import type { StateArguments } from '../state/state-store.js';
import { type CommandLineIo, hasColors } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { commandOn } from '../terminal/shell-command.js';
import type { StatusView } from './status-view.js';
import { stuckCases, stuckLines } from './stuck-lines.js';
import { stuckOf, taskLines, taskObject } from './task-status.js';

/** The arguments of `aftercommit status`. */
export type StatusArguments = StateArguments &
  Omit<KeptArguments, 'specPath'> & {
    /** Undefined: of everything in the database, and who runs it. */
    specPath?: string;
    json: boolean;
    materialization?: string;
    /** How long to wait before it looks again, in milliseconds. Undefined: it looks once. */
    watch?: number;
  };

/** Says what is stuck, how far every materialization is, and what its triggers hold. Once, or again and again. */
export async function statusCommand(given: StatusArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const look = await lookFor(given, io);
  if (given.watch !== undefined) {
    const { watchStatus } = await import('./watch-status.js');
    return await watchStatus(look, given.watch, io, outputs);
  }
  const { stdout } = outputs;
  const view = await look();
  const colors = createColors(hasColors(stdout.stream, io.env));
  for (const line of given.json ? view.objects.map((object) => JSON.stringify(object)) : view.lines(colors)) {
    stdout.line(line);
  }
  return exitCodes.done;
}

async function lookFor({ specPath, ...given }: StatusArguments, io: CommandLineIo): Promise<() => Promise<StatusView>> {
  if (specPath !== undefined) return () => lookAtSpec({ ...given, specPath }, io);
  const { lookAtFleet } = await import('../fleet/fleet-status.js');
  return () => lookAtFleet(given, io);
}

/** What the state holds of a spec, read as it is now. */
async function lookAtSpec(given: KeptArguments & AskedNames, io: CommandLineIo): Promise<StatusView> {
  return await withKept(given, io, async ({ tasks, spec, store }) => {
    const now = io.clock.now();
    const asked = askedTasks(tasks, given, given.specPath);
    const elsewhere = given.materialization === undefined ? await tasksElsewhere({ spec, store }) : [];
    const command = (name: string, ...options: string[]): string => commandOn(name, given, ...options);
    const seen = asked.map((task) => {
      const stuck = stuckOf(task, now);
      return { task, stuck, cases: stuckCases(task.spec.name, stuck, command, tasks.length === 1) };
    });
    return {
      objects: [
        ...seen.map(({ task, cases }) => taskObject(task, cases)),
        ...elsewhere.map((task) => ({ event: 'not-in-spec', ...elsewhereObject(task) })),
      ],
      lines: ({ red }) => [
        ...stuckLines(
          seen.flatMap(({ cases }) => cases),
          now,
          red,
        ),
        ...seen.flatMap(({ task, stuck }) => taskLines(task, stuck, now)),
        ...elsewhere.map((task) => elsewhereLine(task, given.specPath)),
      ],
    };
  });
}
