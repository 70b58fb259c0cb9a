import type { AttemptSlots, CompiledTrigger, TraceAttempt } from '@aftercommit/delivery';
import { deleteDone, Lanes, Mailbox, type OpenedOutboxes, openOutboxes } from '@aftercommit/delivery/commit-loop';
import { type Store, type TaskState, WriteBatch } from '@aftercommit/persistence';
import {
  type CommitRecord,
  type LastOutboxRecord,
  type LastRunRecord,
  type RuntimeCheckpoint,
  readLastCommit,
  readOutboxes,
  runIdOfPlace,
  taskKeys,
} from '@aftercommit/persistence/records';
import type { Logger, TriggerEnvironment } from '@aftercommit/registry';
import { proxySecrets, Redactor } from '@aftercommit/registry/redaction';
import { CommittedLog } from './committed-log.js';
import { isConnectorError } from './connector-error.js';
import { divergedCheckpoints, type Reconciled, reconcileCheckpoints } from './reconcile-checkpoints.js';
import { damagedCommit, invalidCheckpoint, isRuntimeCheckpoint } from './runtime-checkpoint.js';
import type { EndpointFindings, SessionEndpoint } from './session-endpoint.js';
import type { SessionStory } from './session-story.js';

/** Which task to open, and with what. */
export type TaskToOpen = {
  store: Store;
  materialization: string;
  triggers: readonly CompiledTrigger[];
  endpoint: SessionEndpoint;
  acceptEndpointCheckpoint: boolean;
  retryNow: boolean;
  slots: AttemptSlots | undefined;
  environment: TriggerEnvironment;
  story: SessionStory;
  trace: TraceAttempt | undefined;
};

/** Told once per session, when it is open. */
export type OpenedEvent = {
  /** Always the first event of a session. */
  event: 'opened';
  /** The session's, in decimal digits. */
  epoch: string;
  /** How it was found from where to go on. */
  runtimeCheckpoint: Reconciled['decision'];
  /** How many windows an earlier session left, for each trigger that has some. */
  leftOver: Record<string, number>;
  /** Outboxes nobody goes on with: they are kept, and fire no more until their trigger returns. */
  withoutPartner: Array<{
    /** Its name. */
    outbox: string;
    /** Windows that it holds. */
    waiting: number;
    /** Deliveries in it that are set aside. */
    parked: number;
  }>;
};

/** A task that is open: its state is this session's, reconciled, and its lanes are ready to run. */
export type OpenedTask = {
  state: TaskState;
  lanes: Lanes;
  mailbox: Mailbox;
  /** The last commits of which outboxes were told. */
  committedLog: CommittedLog;
  /** The number of the last commit; 0: there is none. */
  commitNumber: number;
  /** From where to go on; undefined: from the beginning. */
  runtimeCheckpoint: RuntimeCheckpoint | undefined;
  /** The run id that the next one must be above; undefined: there is none. */
  lastRunId: string | undefined;
};

/**
 * Opens a task: the store first (it raises the epoch), then what it holds, then the endpoint, then one fenced write that
 * reconciles. The other way round a frozen opener would go on from an answer that is no longer true.
 */
export async function openTask(task: TaskToOpen): Promise<OpenedTask> {
  try {
    return await openAbove(task);
  } catch (error) {
    // This session holds the task, and the endpoint has seen a later one: the store lost that opening, in a failover or
    // because it was replaced, and the clock is behind it. What fenced the endpoint then is fenced by this.
    const seen = isConnectorError(error) && error.code === 'ENDPOINT_FENCED' ? error.epoch : undefined;
    if (seen === undefined) throw error;
    return await openAbove(task, seen);
  }
}

async function openAbove(task: TaskToOpen, epoch?: bigint): Promise<OpenedTask> {
  const state = await task.store.open(task.materialization, task.environment.random.id(), epoch);
  try {
    return await reconcile(task, state);
  } catch (error) {
    await state.close();
    throw error;
  }
}

async function reconcile(task: TaskToOpen, state: TaskState): Promise<OpenedTask> {
  const { materialization, triggers, environment } = task;
  const committed = readLastCommit(await state.list(taskKeys.commits));
  if (committed !== undefined && !isRuntimeCheckpoint(committed.record.runtimeCheckpoint)) {
    throw damagedCommit(materialization);
  }
  const stored = readOutboxes(await state.list(taskKeys.outboxes));
  const committedLog = new CommittedLog(state);
  const floor = (await state.get(taskKeys.lastRun)) as LastRunRecord | undefined;
  const lastOutbox = (await state.get(taskKeys.lastOutbox)) as LastOutboxRecord | undefined;
  const { runtimeCheckpoint: endpoint, divergence } = await openEndpoint(task, state, committed?.record);
  if (endpoint !== undefined && !isRuntimeCheckpoint(endpoint)) {
    throw await advice(state, invalidCheckpoint(materialization));
  }
  if (divergence !== undefined && !task.acceptEndpointCheckpoint) throw await advice(state, divergence);
  const reconciled: Reconciled =
    divergence === undefined
      ? reconcileCheckpoints(committed?.record, endpoint, task.acceptEndpointCheckpoint)
      : { decision: 'began-again', runtimeCheckpoint: undefined };
  const { decision, runtimeCheckpoint } = reconciled;
  if (decision === 'diverged') {
    throw await advice(state, divergedCheckpoints(materialization, committed?.record, endpoint));
  }
  const isAdopted = decision === 'one-ahead' || decision === 'taken-over' || decision === 'began-again';
  const batch = new WriteBatch();
  const last = committed?.number ?? floor?.commit ?? 0;
  const commitNumber = isAdopted ? adopt(batch, last, runtimeCheckpoint) : last;
  const window = isAdopted ? runtimeCheckpoint?.window : undefined;
  const adopted = window ? { materialization, window } : undefined;
  const now = environment.clock.now();
  const opened = openOutboxes(batch, stored, triggers, { adopted, lastOutbox, now, retryNow: task.retryNow });
  for (const id of opened.removed) await deleteDone(batch, id, state);
  if (window) {
    await committedLog.load();
    committedLog.stage(batch, { number: commitNumber, window, outboxes: opened.adoptedBy, isAdopted: true });
  }
  const lastRunId = latest([
    ...[committed?.record.runtimeCheckpoint, runtimeCheckpoint, floor].flatMap((known) => known?.runId ?? []),
    ...runIdsIn(opened),
  ]);
  if (isReplacing(decision) && lastRunId !== undefined) {
    const noCommit = runtimeCheckpoint === undefined ? { commit: commitNumber } : {};
    batch.put(taskKeys.lastRun, { runId: lastRunId, ...noCommit });
  }
  task.endpoint.reconciled(batch, reconciled);
  await state.write(batch);
  if (window) committedLog.add(commitNumber, opened.adoptedBy);

  const secrets = triggers.flatMap((trigger) => trigger.secrets);
  const redactor = new Redactor([...secrets, ...proxySecrets(environment.egress)]);
  warn(environment.logger, materialization, reconciled, opened);
  const lanes = await Lanes.open({
    materialization,
    state,
    outboxes: opened.outboxes,
    environment,
    redactor,
    observe: task.story.tell,
    slots: task.slots,
    trace: task.trace,
  });
  task.story.begin(lanes);
  try {
    task.story.tell(openedEvent(state, decision, opened));
  } catch (error) {
    await lanes.close();
    throw error;
  }
  const { withoutPartner, presentNames } = opened;
  const { clock, logger } = environment;
  const mailbox = new Mailbox({ materialization, state, lanes, withoutPartner, presentNames, clock, logger });
  return { state, lanes, mailbox, committedLog, commitNumber, runtimeCheckpoint, lastRunId };
}

async function openEndpoint(
  { endpoint }: TaskToOpen,
  state: TaskState,
  committed: CommitRecord | undefined,
): Promise<EndpointFindings> {
  try {
    return await endpoint.open(state, committed?.runtimeCheckpoint);
  } catch (error) {
    // An endpoint that saw a later session: the store knows whether there is one, or its state was replaced.
    if (isConnectorError(error) && error.code === 'ENDPOINT_FENCED') throw await advice(state, error);
    throw error;
  }
}

/** Windows wait in the order of their run ids: a new one goes behind all, also when an older checkpoint was accepted. */
function runIdsIn({ outboxes }: OpenedOutboxes): string[] {
  return outboxes.flatMap(({ outbox }) => outbox.windows.map(({ place }) => runIdOfPlace(place)));
}

/** What the store had is given up: it was the only place that knew its run id. */
function isReplacing(decision: Reconciled['decision']): boolean {
  return decision === 'taken-over' || decision === 'began-again';
}

/** Run ids have one length, so that they are ordered as texts. Undefined: there is none. */
function latest(runIds: string[]): string | undefined {
  return runIds.sort().at(-1);
}

/** Only a session that still holds the task may advise: this write fails if it was fenced while it looked. */
async function advice(state: TaskState, error: Error): Promise<Error> {
  await state.write(new WriteBatch());
  return error;
}

/** Sets ours to the endpoint's. Undefined: the endpoint has none, and the host decided to begin again with it. */
function adopt(batch: WriteBatch, last: number, runtimeCheckpoint: RuntimeCheckpoint | undefined): number {
  batch.delete(taskKeys.commit(last));
  if (runtimeCheckpoint === undefined) return last;
  const key = taskKeys.commit(last + 1);
  const record: CommitRecord = { runtimeCheckpoint, owner: 'endpoint' };
  batch.requireAbsent(key).put(key, record);
  return last + 1;
}

function warn(
  logger: Logger,
  materialization: string,
  { decision }: Reconciled,
  { withoutPartner }: OpenedOutboxes,
): void {
  if (decision === 'taken-over') {
    logger.warn(
      `${materialization}: goes on from the endpoint's runtime checkpoint; the store's was another or none. What waited to be ` +
        'delivered in a state that was replaced is not known any more, but for the last transaction.',
      { materialization },
    );
  }
  if (decision === 'began-again') {
    logger.warn(`${materialization}: begins again from the start of its sources, over the rows that are there.`, {
      materialization,
    });
  }
  for (const { about, windows, parked } of withoutPartner) {
    const held = [counted(windows.length, 'undelivered window'), counted(parked.length, 'parked one')]
      .flat()
      .join(' and ');
    logger.warn(
      `${materialization}: outbox "${about.name}" holds ${held}, and no trigger is configured for it. What it holds is ` +
        `kept, and goes on when a trigger is called "${about.name}".`,
      { materialization, outbox: about.name, waiting: windows.length, parked: parked.length },
    );
  }
}

/** Nothing of what is not there. */
function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
}

function openedEvent(state: TaskState, decision: Reconciled['decision'], opened: OpenedOutboxes): OpenedEvent {
  const leftOver = opened.outboxes
    .filter(({ outbox }) => outbox.windows.length > 0)
    .map(({ trigger, outbox }) => [trigger.name, outbox.windows.length] as const);
  return {
    event: 'opened',
    epoch: String(state.fence.epoch),
    runtimeCheckpoint: decision,
    leftOver: Object.fromEntries(leftOver),
    withoutPartner: opened.withoutPartner.map(({ about, windows, parked }) => ({
      outbox: about.name,
      waiting: windows.length,
      parked: parked.length,
    })),
  };
}
