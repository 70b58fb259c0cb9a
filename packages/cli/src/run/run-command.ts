import { AttemptSlots } from '@aftercommit/delivery';
import type { Store } from '@aftercommit/persistence';
import { ownErrorCode } from '../errors/own-error.js';
import { withoutSecretsOf } from '../errors/unexpected-error.js';
import { exitCodeOf, type TaskResult } from '../exit-code.js';
import type { CoordinationChoice } from '../fleet/coordination-choice.js';
import { choosePresenter } from '../progress/choose-presenter.js';
import { unopened } from '../progress/task-progress.js';
import { TaskWatch } from '../progress/task-watch.js';
import { type SecretsAccess, secretsAccess } from '../sealed/secrets-access.js';
import { stateFile } from '../state/state-file.js';
import { openStateStore, type StateArguments, type StatePlace, storeUrl } from '../state/state-store.js';
import type { MetricsAddress } from '../telemetry/metrics-address.js';
import { runTelemetry } from '../telemetry/run-telemetry.js';
import { type CommandLineIo, isTerminal, type StopSignal } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { commandOn } from '../terminal/shell-command.js';
import { sayIssues } from '../validate/say-issues.js';
import { connectors, readSpecFile, readValidSpec, type SpecArguments, type SpecFile } from '../validate/spec-file.js';
import { type DecorateMaterialization, runTask, type TaskSurroundings } from './run-task.js';
import { type RunnableTask, runnableTasks } from './runnable-tasks.js';
import { StopRequest } from './stop-request.js';

/** The arguments of `aftercommit run`. */
export type RunArguments = SpecArguments &
  StateArguments & {
    follow: boolean;
    json: boolean;
    acceptEndpoint: boolean;
    /** Waits at the end also for what waits for its trigger's interval. */
    drain: boolean;
    /** Waits out nothing that an earlier run has stored. */
    retryNow: boolean;
    /** How many attempts may be in flight at a time. Undefined: one for each trigger. */
    concurrency?: number;
    /** Where metrics are served while it runs. Undefined: nowhere. */
    metrics?: MetricsAddress;
    /** The `sops` command, for what no age key opens. Undefined: it is not asked. */
    sops?: string;
    /** How the tasks are shared with other processes. Undefined: this one runs all of them. */
    coordinate?: CoordinationChoice;
  };

/**
 * Runs every materialization of a spec, side by side.
 *
 * @returns The exit code.
 * @throws UsageError before anything is started.
 */
export async function runCommand(
  given: RunArguments,
  io: CommandLineIo,
  outputs: Outputs,
  decorate: DecorateMaterialization,
): Promise<number> {
  const access = secretsAccess('always', io, given.sops);
  const spec = await readValidSpec(given, io, access);
  const { stderr } = outputs;
  // Warnings at most: they are for people, whoever reads standard output.
  sayIssues(spec, { ...outputs, isJson: false }, io.env);
  const tasks = runnableTasks(spec.tasks, connectors, spec.path);
  for (const { name } of spec.tasks.filter(({ isDisabled }) => isDisabled)) {
    stderr.line(`${name}: is disabled (shards.disable) and left out.`);
  }
  const say = (message: string): void => stderr.line(message);
  const telemetry = await runTelemetry(given.metrics, () => io.clock.now(), say);
  const observed: DecorateMaterialization = (options) => decorate(telemetry.observed(options));
  try {
    return await runHere({ given, spec, tasks, access, io, outputs, decorate: observed });
  } finally {
    await telemetry.close();
  }
}

/** By this process alone, or with others. */
async function runHere({ access, ...run }: Omit<Run, 'place'> & { access: SecretsAccess }): Promise<number> {
  const { given, spec, io, outputs, decorate } = run;
  const { coordinate } = given;
  if (coordinate !== undefined) {
    const { fleetCommand } = await import('../fleet/fleet-command.js');
    const readSpec = (): Promise<SpecFile> => readSpecFile(given, io, access);
    const fleet = { given: { ...given, coordinate }, spec, readSpec, io, outputs, decorate };
    return await withoutSecretsOf(spec, () => fleetCommand(fleet));
  }
  const place = statePlace(given, spec, io);
  return exitCodeOf(await withoutSecretsOf(spec, () => runTasks({ ...run, place })));
}

function statePlace(given: StateArguments, { directory }: SpecFile, { env, cwd }: CommandLineIo): StatePlace {
  const url = storeUrl(given, env);
  return url === undefined ? { file: stateFile(given.state, { cwd, directory }) } : { url };
}

type Run = {
  given: RunArguments;
  spec: SpecFile;
  tasks: RunnableTask[];
  place: StatePlace;
  io: CommandLineIo;
  outputs: Outputs;
  decorate: DecorateMaterialization;
};

async function runTasks({ given, spec, tasks, place, io, outputs, decorate }: Run): Promise<TaskResult[]> {
  const { clock } = io;
  const progress = tasks.map(({ name, triggers }) => unopened(name, triggers));
  // The same run again, with what decides where its state is and when it ends.
  const command = commandOn('run', given, ...(given.follow ? ['--follow'] : []));
  const parkedList = commandOn('parked list', given);
  const presenter = choosePresenter({ ...outputs, clock, tasks: progress, command, parkedList }, io.env, given.json);
  const stop = new StopRequest(io, (signal) => presenter.say(stoppingText(signal, io), 'news'));
  // Nobody reads any more what it prints (`| head`): it ends.
  outputs.stdout.closed.addEventListener('abort', () => stop.stop(), { once: true });
  const watches = tasks.map((task) => new TaskWatch(task, { presenter, clock, stop: stop.signal }));
  const around = {
    directory: spec.directory,
    isFollowing: given.follow,
    isEndpointAccepted: given.acceptEndpoint,
    isDraining: given.drain,
    isRetryingNow: given.retryNow,
    egress: spec.kinds.egress,
    attemptSlots: given.concurrency === undefined ? undefined : new AttemptSlots(given.concurrency),
    io,
    presenter,
    stop: stop.signal,
    decorate,
  };
  try {
    return await withStore(place, tasks, watches, around);
  } finally {
    await presenter.close();
    stop.release();
  }
}

function stoppingText(signal: StopSignal, { stderr, env }: CommandLineIo): string {
  const isByKey = signal === 'SIGINT' && isTerminal(stderr, env);
  return `stopping: waits for attempts in flight${isByKey ? '; press Ctrl-C again to stop at once' : ''}`;
}

/** One store for all tasks. */
async function withStore(
  place: StatePlace,
  tasks: readonly RunnableTask[],
  watches: readonly TaskWatch[],
  around: Omit<TaskSurroundings, 'store'>,
): Promise<TaskResult[]> {
  const store = await openStore(place, around, watches);
  if ('result' in store) return [store];
  try {
    return await Promise.all(
      tasks.flatMap((task, index) => {
        const watch = watches[index];
        return watch === undefined ? [] : [runTask(task, watch, { ...around, store })];
      }),
    );
  } finally {
    await store.close();
  }
}

async function openStore(
  place: StatePlace,
  { io, presenter }: Pick<TaskSurroundings, 'io' | 'presenter'>,
  watches: readonly TaskWatch[],
): Promise<Store | TaskResult> {
  try {
    return await openStateStore(place, io, (message) => presenter.say(message));
  } catch (error) {
    const code = ownErrorCode(error);
    if (code === undefined) throw error;
    for (const watch of watches) watch.fail(error);
    return { result: 'failed', code };
  }
}
