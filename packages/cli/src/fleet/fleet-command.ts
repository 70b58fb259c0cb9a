import { AttemptSlots } from '@aftercommit/delivery';
import type { Store } from '@aftercommit/persistence';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import { standardInput } from '../ndjson/ndjson-patterns.js';
import { JsonLines } from '../progress/json-lines.js';
import { PlainLines } from '../progress/plain-lines.js';
import type { Presenter } from '../progress/presenter.js';
import type { RunArguments } from '../run/run-command.js';
import type { DecorateMaterialization } from '../run/run-task.js';
import { type RunnableTask, runnableTasks } from '../run/runnable-tasks.js';
import { StopRequest } from '../run/stop-request.js';
import { openStateStore, storeUrl } from '../state/state-store.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { commandOn } from '../terminal/shell-command.js';
import { connectors, type SpecFile } from '../validate/spec-file.js';
import { countIssues, verdict } from '../validate/spec-report.js';
import { type CoordinationChoice, makeCoordinator } from './coordination-choice.js';
import { FleetLines } from './fleet-lines.js';
import { FleetTasks } from './fleet-tasks.js';
import { watchSpec } from './watch-spec.js';

/** What a run works with that shares its tasks with others. */
export type Fleet = {
  given: RunArguments & { coordinate: CoordinationChoice };
  /** As it is now. */
  spec: SpecFile;
  /** Reads it again. */
  readSpec: () => Promise<SpecFile>;
  io: CommandLineIo;
  outputs: Outputs;
  decorate: DecorateMaterialization;
};

/**
 * Runs those tasks of a spec that fall to this process, until it is told to end. A task that fails neither ends the others nor the
 * process.
 *
 * @returns The exit code.
 * @throws UsageError before anything is started, and StoreError.
 */
export async function fleetCommand(fleet: Fleet): Promise<number> {
  const { given, spec, io } = fleet;
  const url = storeUrl(given, io.env);
  if (url === undefined) throw new UsageError(`${nothingShared} Name it with --store, or in AFTERCOMMIT_STORE.`);
  assertShareable(given);
  const tasks = shareableTasks(spec);
  const presenter = presenterOf(fleet);
  const store = await openStateStore({ url }, io, (message) => presenter.say(message));
  try {
    return await runFleet({ ...fleet, url, store, presenter, tasks });
  } finally {
    await store.close();
    await presenter.close();
  }
}

const nothingShared = 'Processes that share the materializations of a spec need a database that all of them reach.';

/** What is meant for one run would be done again each time a task is claimed. */
function assertShareable({ acceptEndpoint, drain, retryNow }: RunArguments): void {
  const flags = Object.entries({ '--accept-endpoint': acceptEndpoint, '--drain': drain, '--retry-now': retryNow });
  const [flag] = flags.find(([, isGiven]) => isGiven) ?? [];
  if (flag === undefined) return;
  throw new UsageError(
    `${flag} is for one run, and not for --coordinate: run it once without, with the same --store; the workers give way to it.`,
  );
}

function shareableTasks(spec: SpecFile): RunnableTask[] {
  const tasks = runnableTasks(spec.tasks, connectors, spec.path);
  for (const { name, sources } of tasks) {
    if ([...sources.values()].some((patterns) => patterns.includes(standardInput))) {
      throw new UsageError(`${name}: reads standard input, which other processes cannot read. Give it files.`);
    }
  }
  return tasks;
}

/** Lines also on a terminal: hundreds of tasks that come and go are no screen. */
function presenterOf({ given, io, outputs }: Fleet): Presenter {
  const options = {
    ...outputs,
    clock: io.clock,
    command: commandOn('run', given),
    parkedList: commandOn('parked list', given),
  };
  return given.json ? new JsonLines(options) : new PlainLines({ ...options, tasks: [] });
}

type RunningFleet = Fleet & { url: string; store: Store; presenter: Presenter; tasks: RunnableTask[] };

async function runFleet(fleet: RunningFleet): Promise<number> {
  const { given, io, outputs, presenter, url } = fleet;
  const lines = new FleetLines(outputs, io.clock, given.json);
  const tasks = new FleetTasks(surroundings(fleet));
  const coordinator = await makeCoordinator(given.coordinate, url, {
    run: tasks.run,
    observe: lines.observe,
    clock: io.clock,
  });
  const stop = new StopRequest(io, () =>
    presenter.say('stopping: hands its materializations over as they end', 'news'),
  );
  // Nobody reads any more what it prints: it ends.
  outputs.stdout.closed.addEventListener('abort', () => stop.stop(), { once: true });
  tasks.replace(fleet.tasks);
  try {
    await coordinator.offer(tasks.names);
    let { spec } = fleet;
    await watchSpec({
      files: () => spec.files,
      clock: io.clock,
      stop: stop.signal,
      onChange: async () => {
        const changed = await readChanged(fleet);
        if ('refusal' in changed) return lines.observe({ event: 'spec-refused', reason: changed.refusal });
        ({ spec } = changed);
        lines.observe({ event: 'spec-changed', ...tasks.replace(changed.tasks) });
        await coordinator.offer(tasks.names);
      },
    });
    return exitCodes.done;
  } finally {
    await coordinator.close();
    stop.release();
  }
}

function surroundings({
  given,
  spec,
  store,
  presenter,
  io,
  decorate,
}: RunningFleet): ConstructorParameters<typeof FleetTasks>[0] {
  return {
    store,
    directory: spec.directory,
    isFollowing: true,
    isEndpointAccepted: false,
    isDraining: false,
    isRetryingNow: false,
    egress: spec.kinds.egress,
    attemptSlots: given.concurrency === undefined ? undefined : new AttemptSlots(given.concurrency),
    io,
    presenter,
    decorate,
  };
}

/** The spec as it stands in its files now, or why it cannot be used. */
async function readChanged({
  readSpec,
}: Fleet): Promise<{ spec: SpecFile; tasks: RunnableTask[] } | { refusal: string }> {
  try {
    const spec = await readSpec();
    if (countIssues(spec).errors === 0) return { spec, tasks: shareableTasks(spec) };
    const [first] = spec.issues.filter(({ severity }) => severity === 'error');
    return { refusal: `${verdict(spec)}; ${first?.pointer ?? ''}: ${first?.message ?? ''}` };
  } catch (error) {
    if (error instanceof UsageError) return { refusal: error.message };
    throw error;
  }
}
