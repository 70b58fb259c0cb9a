import type { FleetView, SeenWorker } from '@aftercommit/persistence-postgres/coordination';
import { stuckLines } from '../status/stuck-lines.js';
import { counted, inThousands, localTime, oneLine, span } from '../terminal/readable-text.js';
import type { SeenFleetTask } from './fleet-status.js';
import type { FleetTask } from './fleet-task.js';
import { taskTrouble } from './task-trouble.js';

/** The state of a fleet for people: what needs a person first, then the workers, and each task. */
export function fleetStatusLines(
  { workers }: FleetView,
  tasks: readonly SeenFleetTask[],
  now: number,
  emphasized: (text: string) => string,
): string[] {
  const owned = new Map<string, number>();
  for (const { worker } of tasks) if (worker !== null) owned.set(worker, (owned.get(worker) ?? 0) + 1);
  const known = new Map(workers.map((worker) => [worker.worker, worker]));
  return [
    ...stuckLines(
      tasks.flatMap(({ cases }) => cases),
      now,
      emphasized,
    ),
    ...troubleLines(tasks, known, emphasized),
    ...(workers.length === 0 ? ['no worker: nothing is run with --coordinate'] : []),
    ...workers.map((worker) => workerLine(worker, owned.get(worker.worker) ?? 0, now)),
    ...tasks.map((task) => taskLine(task, known, now)),
    summary(tasks),
  ];
}

function troubleLines(
  tasks: readonly FleetTask[],
  workers: ReadonlyMap<string, SeenWorker>,
  emphasized: (text: string) => string,
): string[] {
  const lines = tasks.flatMap((task) => {
    const trouble = taskTrouble(task, workers.get(task.worker ?? ''));
    return trouble === undefined ? [] : [`  ${oneLine(task.task)}: ${trouble}`];
  });
  if (lines.length === 0) return [];
  const [what, does] = lines.length === 1 ? ['materialization', 'does'] : ['materializations', 'do'];
  return [emphasized(`${inThousands(lines.length)} ${what} ${does} not get on:`), ...lines, ''];
}

function workerLine(
  { worker, host, process, joinedMsAgo, leaseLeftMs, isLeaving }: SeenWorker,
  tasks: number,
  now: number,
): string {
  const lease =
    leaseLeftMs > 0 ? `lease ${(leaseLeftMs / 1_000).toFixed(1)} s` : `lease over for ${span(-leaseLeftMs)}`;
  return [
    `worker ${worker} on ${oneLine(host)} (process ${process})`,
    `${counted(tasks, 'materialization')}`,
    `since ${localTime(now - joinedMsAgo, now)}`,
    lease,
    ...(isLeaving ? ['is ending'] : []),
  ].join(', ');
}

function taskLine(task: FleetTask, workers: ReadonlyMap<string, SeenWorker>, now: number): string {
  return `${oneLine(task.task)}: ${[
    ownerText(task, workers, now),
    ...(task.epoch === null ? [] : [`epoch ${task.epoch}`]),
    task.lastRun === null ? 'never committed' : `last commit ${localTime(Date.parse(task.lastRun), now)}`,
    ...(task.lagMs === null ? [] : [`lag ${span(task.lagMs)}`]),
  ].join('; ')}`;
}

function ownerText(
  { worker, claimedMsAgo, isOffered, retryInMs }: FleetTask,
  workers: ReadonlyMap<string, SeenWorker>,
  now: number,
): string {
  if (worker !== null) {
    return `worker ${worker} on ${oneLine(workers.get(worker)?.host ?? 'a host that is gone')} since ${localTime(now - (claimedMsAgo ?? 0), now)}`;
  }
  if (!isOffered) return 'no worker has it in its spec';
  return retryInMs > 0 ? `waits ${span(retryInMs)} before it is tried again` : 'can be claimed';
}

function summary(tasks: readonly FleetTask[]): string {
  const running = tasks.filter(({ worker }) => worker !== null).length;
  const stuck = tasks.filter((task) => task.stuck.length > 0).length;
  const failing = tasks.filter(({ worker, failures }) => worker === null && failures > 0).length;
  const lag = tasks.reduce((most, { lagMs }) => Math.max(most, lagMs ?? 0), 0);
  return [
    `${counted(tasks.length, 'materialization')}: ${inThousands(running)} running`,
    `${inThousands(failing)} failed and waiting`,
    `${inThousands(stuck)} with a trigger that is stuck`,
    `longest lag ${span(lag)}`,
  ].join(', ');
}
