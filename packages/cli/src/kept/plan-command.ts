import { exitCodes } from '../exit-code.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { type KeptArguments, noStateText, type PossibleStore, withPossibleStore } from './kept-state.js';
import { planLines } from './plan-lines.js';
import { planObjects } from './plan-objects.js';
import { leavesSomething, type PlannedTask, planTask } from './planned-task.js';
import { elsewhereLine, elsewhereObject, type TaskElsewhere, tasksElsewhere } from './tasks-elsewhere.js';

/** The arguments of `aftercommit plan`. */
export type PlanArguments = KeptArguments & { json: boolean };

/** Says what the next run changes of what triggers hold, and what each sends. Changes nothing: a run may go on beside it. */
export async function planCommand(given: PlanArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  return await withPossibleStore(given, io, async (kept) => {
    const now = io.clock.now();
    if (kept.store === undefined) outputs.stderr.line(`${noStateText(kept, io)} Everything is new.`);
    const tasks = await Promise.all(kept.spec.tasks.map((task) => planTask(kept.store, task, now)));
    const elsewhere = await elsewhereOf(kept);
    for (const line of given.json ? jsonLines(tasks, elsewhere) : textLines(tasks, elsewhere, given, now)) {
      outputs.stdout.line(line);
    }
    return exitCodeOf(tasks);
  });
}

async function elsewhereOf({ spec, store }: PossibleStore): Promise<TaskElsewhere[]> {
  return store === undefined ? [] : await tasksElsewhere({ spec, store });
}

function jsonLines(tasks: readonly PlannedTask[], elsewhere: readonly TaskElsewhere[]): string[] {
  return [
    ...tasks.flatMap(planObjects),
    ...elsewhere.map((task) => ({ event: 'not-in-spec', ...elsewhereObject(task) })),
  ].map((object) => JSON.stringify(object));
}

function textLines(
  tasks: readonly PlannedTask[],
  elsewhere: readonly TaskElsewhere[],
  given: PlanArguments,
  now: number,
): string[] {
  return [
    ...tasks.flatMap((task) => planLines(task, given, now)),
    ...elsewhere.map((task) => elsewhereLine(task, given.specPath)),
  ];
}

/** What is wrong counts before what needs a person. */
function exitCodeOf(tasks: readonly PlannedTask[]): number {
  if (tasks.some(({ plan }) => plan.issues.length > 0)) return exitCodes.usage;
  return tasks.some(leavesSomething) ? exitCodes.parked : exitCodes.done;
}
