import type { SeenWorker } from '@aftercommit/persistence-postgres/coordination';
import { oneLine, span } from '../terminal/readable-text.js';
import type { FleetTask } from './fleet-task.js';

/**
 * Why a materialization does not get on, whatever its triggers do, for people. Undefined: it does.
 *
 * @param owner The worker that has claimed it. Undefined: none has, or it is gone.
 */
export function taskTrouble(task: FleetTask, owner: SeenWorker | undefined): string | undefined {
  if (owner !== undefined && owner.leaseLeftMs <= 0) {
    return `worker ${owner.worker} on ${oneLine(owner.host)} lost its lease ${span(-owner.leaseLeftMs)} ago: the first other worker that has it in its spec takes it over`;
  }
  return failureText(task) ?? lonelyText(task);
}

/** Of a task that runs, what is over is no news. */
function failureText({ failures, reason, worker, retryInMs }: FleetTask): string | undefined {
  if (failures === 0 || (worker !== null && failures === 1)) return undefined;
  const next =
    worker !== null ? 'runs again' : retryInMs > 0 ? `is tried again in ${span(retryInMs)}` : 'can be claimed';
  return `failed ${failures === 1 ? 'once' : `${failures} times in a row`}, and ${next}: ${oneLine(reason ?? '')}`;
}

function lonelyText({ worker, isOffered, lagMs }: FleetTask): string | undefined {
  if (worker !== null || isOffered || lagMs === null) return undefined;
  return `has something to deliver, and no worker has it in its spec: aftercommit run SPEC --coordinate`;
}
