import type { FleetView, SeenWorker } from '@aftercommit/persistence-postgres/coordination';
import { counted, inThousands, localTime, oneLine, span } from '../terminal/readable-text.js';
import { shellCommand } from '../terminal/shell-command.js';
import type { FleetTask, StuckTrigger } from './fleet-task.js';

/** The state of a fleet for people: the workers, and each task below. What needs a person stands with the command for it. */
export function fleetStatusLines({ workers }: FleetView, tasks: readonly FleetTask[], now: number): string[] {
  const owned = new Map<string, number>();
  for (const { worker } of tasks) if (worker !== null) owned.set(worker, (owned.get(worker) ?? 0) + 1);
  const hosts = new Map(workers.map(({ worker, host }) => [worker, host]));
  return [
    ...(workers.length === 0 ? ['no worker: nothing is run with --coordinate'] : []),
    ...workers.map((worker) => workerLine(worker, owned.get(worker.worker) ?? 0, now)),
    ...tasks.flatMap((task) => [
      taskLine(task, hosts, now),
      ...task.stuck.map((stuck) => `  ${stuckText(stuck, now)}`),
    ]),
    summary(tasks),
  ];
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

function taskLine(task: FleetTask, hosts: ReadonlyMap<string, string>, now: number): string {
  return `${oneLine(task.task)}: ${[
    ownerText(task, hosts, now),
    ...(task.epoch === null ? [] : [`epoch ${task.epoch}`]),
    task.lastRun === null ? 'never committed' : `last commit ${localTime(Date.parse(task.lastRun), now)}`,
    ...(task.lagMs === null ? [] : [`lag ${span(task.lagMs)}`]),
    ...failureTexts(task),
  ].join('; ')}`;
}

function ownerText(
  { worker, claimedMsAgo, isOffered, retryInMs }: FleetTask,
  hosts: ReadonlyMap<string, string>,
  now: number,
): string {
  if (worker !== null) {
    return `worker ${worker} on ${oneLine(hosts.get(worker) ?? 'a host that is gone')} since ${localTime(now - (claimedMsAgo ?? 0), now)}`;
  }
  if (!isOffered) return 'no worker has it in its spec';
  return retryInMs > 0 ? `waits ${span(retryInMs)} before it is tried again` : 'can be claimed';
}

/** Of a task that runs, what is over is no news. */
function failureTexts({ failures, reason, worker }: FleetTask): string[] {
  if (failures === 0 || (worker !== null && failures === 1)) return [];
  return [`failed ${failures === 1 ? 'once' : `${failures} times in a row`}: ${oneLine(reason ?? '')}`];
}

function stuckText({ trigger, why, sinceAt, count, reason }: StuckTrigger, now: number): string {
  const since = sinceAt === null ? '' : ` since ${localTime(sinceAt, now)}`;
  if (why === 'failing') {
    return `${trigger}: failing${since}, ${counted(count, 'window')} to deliver: ${oneLine(reason ?? '')}; ${fixOf(why, trigger)}`;
  }
  if (why === 'parked') {
    return `${trigger}: ${inThousands(count)} parked${since}: ${oneLine(reason ?? '')}; ${fixOf(why, trigger)}`;
  }
  return `${trigger}: has no trigger any more, and keeps ${inThousands(count)}; ${fixOf(why, trigger)}`;
}

/** What to do about it. The spec is not known here, so that SPEC stands for it. */
export function fixOf(why: StuckTrigger['why'], trigger: string): string {
  const on = (...words: string[]): string => shellCommand(['aftercommit', ...words]);
  if (why === 'failing') {
    return `mend the receiver, or correct the trigger in the spec, which is taken up at once; what was accepted since: ${on('status', 'SPEC')}`;
  }
  if (why === 'parked')
    return `when the receiver is mended: ${on('parked', 'replay', 'SPEC', '--all', '--trigger', trigger)}`;
  return `give it a trigger of this name, or forget it: ${on('parked', 'drop', 'SPEC', '--outbox', trigger)}`;
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
