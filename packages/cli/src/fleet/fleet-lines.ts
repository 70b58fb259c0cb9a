import type { CoordinationEvent, StopReason } from '@aftercommit/persistence-postgres/coordination';
import type { Clock } from '@aftercommit/registry';
import type { Output } from '../terminal/output.js';
import { counted, localTime, oneLine, span } from '../terminal/readable-text.js';
import type { SpecChanges } from './fleet-tasks.js';

/** What happens in a worker beside what its tasks do. */
export type FleetEvent =
  | CoordinationEvent
  /** The spec is another one, and is gone by from now on. */
  | ({ event: 'spec-changed' } & SpecChanges)
  /** The spec is another one, and has errors: what it said before is gone by. */
  | { event: 'spec-refused'; reason: string };

/** Shows what happens in a worker, one line each: as JSON on standard output, or for people. */
export class FleetLines {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #clock: Clock;
  readonly #isJson: boolean;

  constructor({ stdout, stderr }: { stdout: Output; stderr: Output }, clock: Clock, isJson: boolean) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#clock = clock;
    this.#isJson = isJson;
  }

  readonly observe = (told: FleetEvent): void => {
    const now = this.#clock.now();
    const isTrouble = troubles.has(told.event);
    if (this.#isJson) this.#stdout.line(JSON.stringify(objectOf(told, now)));
    if (this.#isJson && !isTrouble) return;
    (isTrouble ? this.#stderr : this.#stdout).line(`${localTime(now, now)} ${textOf(told)}`);
  };
}

/** Somebody should know of it, also who reads standard error alone. */
const troubles = new Set<FleetEvent['event']>(['lost', 'worker-gone', 'disconnected', 'reconnected', 'spec-refused']);

/** Whose task it is about stands where it does in the events of sessions. */
function objectOf(told: FleetEvent, now: number): Record<string, unknown> {
  const at = new Date(now).toISOString();
  if (!('task' in told)) {
    const { event, ...rest } = told;
    return { event, at, ...rest };
  }
  const { event, task: materialization, ...rest } = told;
  return { event, at, materialization, ...rest };
}

function textOf(told: FleetEvent): string {
  switch (told.event) {
    case 'joined':
      return `worker ${told.worker}: shares the materializations of this spec`;
    case 'claimed':
      return `${told.task}: claimed${told.failures === 0 ? '' : ` after ${counted(told.failures, 'failure')} in a row`}`;
    case 'released':
      return `${told.task}: released, ${releaseTexts[told.why]}${told.retryInMs === 0 ? '' : `; next try in ${span(told.retryInMs)}`}`;
    case 'lost':
      return `${told.task}: stopped here, because ${lostTexts[told.why]}`;
    case 'worker-gone':
      return `worker ${told.worker} is gone (${goneTexts[told.why]}): ${counted(told.tasks, 'materialization')} of it can be claimed`;
    case 'disconnected':
      return `the database of the workers does not answer: ${oneLine(told.reason)}. Goes on, and keeps trying`;
    case 'reconnected':
      return 'the database of the workers answers again';
    case 'spec-changed':
      return `the spec has changed: ${changesText(told)}`;
    case 'spec-refused':
      return `the spec has changed and cannot be used, so that what it said before is gone by: ${told.reason}`;
  }
}

const releaseTexts: Record<StopReason | 'failed', string> = {
  'handed-over': 'because another worker has less to do',
  withdrawn: 'because it is not in the spec any more',
  closing: 'because this worker ends',
  lost: 'because another worker may have it',
  failed: 'because it failed',
};

const lostTexts = {
  'lease-over': 'the lease could not be renewed: another worker may have it',
  'taken-over': 'another worker took it over',
};

const goneTexts = { 'connection-ended': 'its connection ended', 'lease-over': 'its lease is over' };

function changesText({ added, changed, removed }: SpecChanges): string {
  const parts = [
    ...(added.length === 0 ? [] : [`${counted(added.length, 'materialization')} added`]),
    ...(changed.length === 0 ? [] : [`${counted(changed.length, 'materialization')} changed: ${changed.join(', ')}`]),
    ...(removed.length === 0 ? [] : [`${counted(removed.length, 'materialization')} removed: ${removed.join(', ')}`]),
  ];
  return parts.length === 0 ? 'nothing of a materialization' : parts.join('; ');
}
