import type { AttemptSlots } from '@aftercommit/delivery';
import type { Egress, Logger } from '@aftercommit/registry';
import { type MaterializationOptions, materialize } from '@aftercommit/runtime-adapter';
import type { TaskResult } from '../exit-code.js';
import { ndjsonSource } from '../ndjson/ndjson-source.js';
import type { Presenter } from '../progress/presenter.js';
import type { TaskProgress } from '../progress/task-progress.js';
import type { TaskWatch } from '../progress/task-watch.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { RunnableTask } from './runnable-tasks.js';

/**
 * Changes what a materialization is run with, before it is opened: may wrap its store, its connector and the kinds of its
 * triggers, or replace them. Called once for each materialization of a run.
 */
export type DecorateMaterialization = (options: MaterializationOptions) => MaterializationOptions;

/** What the tasks of one run share. */
export type TaskSurroundings = {
  store: MaterializationOptions['store'];
  /** The folder of the spec. */
  directory: string;
  isFollowing: boolean;
  isEndpointAccepted: boolean;
  isDraining: boolean;
  isRetryingNow: boolean;
  /** Shared by all tasks. Undefined: there is no limit. */
  attemptSlots: AttemptSlots | undefined;
  /** What triggers may reach. */
  egress: Egress;
  io: CommandLineIo;
  presenter: Presenter;
  stop: AbortSignal;
  decorate: DecorateMaterialization;
};

/** Runs one task to its end. Never throws: the others go on. */
export async function runTask(task: RunnableTask, watch: TaskWatch, around: TaskSurroundings): Promise<TaskResult> {
  try {
    await materialize(around.decorate(materializationOptions(task, watch, around)));
    if (isSomethingLeft(watch.progress)) return { result: 'left' };
    return isSomethingParked(watch.progress) ? { result: 'parked' } : { result: 'done' };
  } catch (error) {
    return { result: 'failed', code: watch.fail(error) };
  }
}

function materializationOptions(
  { name, connectorImage, endpoint, bindings, sources, transactions, triggers }: RunnableTask,
  watch: TaskWatch,
  around: TaskSurroundings,
): MaterializationOptions {
  const { store, directory, isFollowing, io, presenter, stop } = around;
  const { clock } = io;
  const logger = taskLogger(name, presenter);
  const { kind, config } = endpoint;
  return {
    store,
    materialization: name,
    connectorImage,
    connector: kind.connect({ materialization: name, config, bindings, directory, logger }),
    bindings,
    sources: new Map(
      [...sources].map(([collection, patterns]) => [
        collection,
        ndjsonSource({ patterns, directory, follow: isFollowing, clock, logger, stdin: io.stdin }),
      ]),
    ),
    triggers,
    transactions,
    acceptEndpointCheckpoint: around.isEndpointAccepted,
    drainIntervals: around.isDraining,
    retryNow: around.isRetryingNow,
    ...(around.attemptSlots === undefined ? {} : { attemptSlots: around.attemptSlots }),
    environment: { clock, logger, egress: around.egress },
    observe: watch.observe,
    stop,
  };
}

/** Some messages name the task themselves, and those of sources do not know it. */
function taskLogger(name: string, presenter: Presenter): Logger {
  const prefixed = (message: string): string => (message.startsWith(`${name}: `) ? message : `${name}: ${message}`);
  return {
    info: (message) => presenter.say(prefixed(message), 'news'),
    warn: (message) => presenter.say(prefixed(message)),
  };
}

/** Whether a task that was stopped leaves something that was due. What waits for its interval was not. */
function isSomethingLeft({ phase, triggers }: TaskProgress): boolean {
  return (
    phase === 'stopped' && [...triggers.values()].some(({ state }) => state.is === 'due' || state.is === 'retrying')
  );
}

/** Whether deliveries are set aside, also where no trigger is configured any more, or could not even be. */
function isSomethingParked({ triggers, parkedWithoutTrigger }: TaskProgress): boolean {
  return parkedWithoutTrigger.size > 0 || [...triggers.values()].some(({ parked, isStuck }) => parked > 0 || isStuck);
}
