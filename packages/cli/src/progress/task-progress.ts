import type { SessionEvent } from '@aftercommit/runtime-adapter';

/** What is known of a task while it runs and when it ended: its session's events, folded. */
export type TaskProgress = {
  readonly materialization: string;
  readonly phase: 'opening' | 'running' | 'done' | 'stopped' | 'failed';
  /** Documents of committed transactions. */
  readonly documents: number;
  readonly transactions: number;
  /** Accepted, and durably cleared. */
  readonly deliveries: number;
  readonly failedAttempts: number;
  /** By name. */
  readonly triggers: ReadonlyMap<string, TriggerProgress>;
  /** Once it is over, by the name of an outbox for which no trigger is configured any more: deliveries set aside in it. */
  readonly parkedWithoutTrigger: ReadonlyMap<string, number>;
  /** Why it failed; undefined: it did not. */
  readonly failure?: { readonly code: string; readonly reason: string };
};

/** What is known of one trigger's outbox. */
export type TriggerProgress = {
  readonly hasInterval: boolean;
  /**
   * - `idle`: nothing is to be delivered.
   * - `due`: a window is due, or an attempt is under way; `hasFailed`: or its last attempt failed for good.
   * - `retrying`: the last attempt failed, the next one comes at `at`, in milliseconds since 1970.
   * - `waiting`: what is to be delivered waits for the trigger's interval, until `at`; undefined: nobody said until when.
   */
  readonly state:
    | { readonly is: 'idle' }
    | { readonly is: 'due'; readonly hasFailed?: boolean }
    | { readonly is: 'retrying'; readonly reason: string; readonly at: number }
    | { readonly is: 'waiting'; readonly at: number | undefined };
  /** Run ids of the windows that are not cleared, oldest first; `''` for one that an earlier session left. */
  readonly windows: readonly string[];
  /** Deliveries that were set aside: in this run, and, once it is over, altogether. */
  readonly parked: number;
  /** It is over, and holds a delivery that could not be parked, because too many are. */
  readonly isStuck: boolean;
};

/** The triggers of a task, as they are configured. */
export type WatchedTrigger = { readonly name: string; readonly intervalMs?: number | undefined };

/** Windows beyond this many are united into the newest one. */
const backlogLimit = 100;

/** A task that was not opened yet. */
export function unopened(materialization: string, triggers: readonly WatchedTrigger[]): TaskProgress {
  return {
    materialization,
    phase: 'opening',
    documents: 0,
    transactions: 0,
    deliveries: 0,
    failedAttempts: 0,
    triggers: new Map(triggers.map(({ name, intervalMs }) => [name, idle(intervalMs !== undefined)])),
    parkedWithoutTrigger: new Map(),
  };
}

function idle(hasInterval: boolean): TriggerProgress {
  return { hasInterval, state: { is: 'idle' }, windows: [], parked: 0, isStuck: false };
}

/**
 * The progress after an event.
 *
 * @param isStopping The run was asked to end: a session that ends now did not come to the end of its sources.
 */
export function progressed(task: TaskProgress, event: SessionEvent, isStopping = false): TaskProgress {
  switch (event.event) {
    case 'opened':
      return opened(task, event.leftOver);
    case 'committed':
      return committed(task, event);
    case 'attempt':
      return attempted(task, event);
    case 'delivered':
      return withTrigger({ ...task, deliveries: task.deliveries + 1 }, event.trigger, (trigger) =>
        cleared(trigger, event.runId),
      );
    case 'parked':
      return withTrigger(task, event.trigger, (trigger) => ({
        ...cleared(trigger, event.runId),
        parked: trigger.parked + 1,
      }));
    case 'waiting':
      return withTrigger(task, event.trigger, ({ windows }) => ({
        state: { is: 'waiting', at: Date.parse(event.at) + event.forMs },
        windows: from(windows, event.runId),
      }));
    case 'failed':
      return { ...task, phase: 'failed', failure: { code: event.code, reason: event.reason } };
    case 'ended':
      return ended(task, event, isStopping);
  }
}

function opened(task: TaskProgress, leftOver: Readonly<Record<string, number>>): TaskProgress {
  const started: TaskProgress = { ...task, phase: 'running' };
  return Object.entries(leftOver).reduce(
    (left, [name, count]) =>
      withTrigger(left, name, () => ({ state: { is: 'due' }, windows: Array.from({ length: count }, () => '') })),
    started,
  );
}

/** A transaction without documents has no window. */
function committed(task: TaskProgress, { runId, docs }: { runId: string; docs: number }): TaskProgress {
  const { documents, transactions, triggers } = task;
  const counted = { ...task, documents: documents + docs, transactions: transactions + 1 };
  if (docs === 0) return counted;
  return [...triggers.keys()].reduce(
    (added, name) =>
      withTrigger(added, name, ({ state, windows }) => ({
        state: state.is === 'idle' ? { is: 'due' } : state,
        windows: [...windows, runId].slice(0, backlogLimit),
      })),
    counted,
  );
}

type Attempt = Extract<SessionEvent, { event: 'attempt' }>;

function attempted(task: TaskProgress, { trigger, outcome, reason = '', nextAttemptInMs, at }: Attempt): TaskProgress {
  // The delivered event follows.
  if (outcome === 'delivered') return task;
  const failed = { ...task, failedAttempts: task.failedAttempts + 1 };
  const state: TriggerProgress['state'] =
    nextAttemptInMs === undefined
      ? { is: 'due', hasFailed: true }
      : { is: 'retrying', reason, at: Date.parse(at) + nextAttemptInMs };
  return withTrigger(failed, trigger, ({ windows }) => ({ state, windows }));
}

/**
 * The oldest window is done. With an interval others may have been united with it, all but one that was committed
 * meanwhile: if that is left, `waiting` follows and says so.
 */
function cleared({ hasInterval, windows }: TriggerProgress, runId: string): Progress {
  // One that was replayed was none of them.
  const [oldest = ''] = windows;
  if (oldest !== '' && !windows.includes(runId)) return { state: { is: 'due' } };
  if (hasInterval) return { state: { is: 'idle' }, windows: windows.slice(-1) };
  const left = windows.slice(1);
  return { state: { is: left.length > 0 ? 'due' : 'idle' }, windows: left };
}

/** The windows from the one that waits longest: those before it were delivered. */
function from(windows: readonly string[], runId: string): readonly string[] {
  const first = windows.indexOf(runId);
  if (first >= 0) return windows.slice(first);
  return windows.length > 0 ? windows : [runId];
}

type Ended = Extract<SessionEvent, { event: 'ended' }>;

/** What is left is known exactly now. When the sources came to their end everything due was delivered: the rest waits. */
function ended(task: TaskProgress, { waiting, parked, stuck, at }: Ended, isStopping: boolean): TaskProgress {
  const phase = task.failure !== undefined ? 'failed' : isStopping ? 'stopped' : 'done';
  const parkedWithoutTrigger = new Map(Object.entries(parked).filter(([name]) => !task.triggers.has(name)));
  return [...task.triggers.keys()].reduce<TaskProgress>(
    (left, name) =>
      withTrigger(left, name, ({ state, windows }) => {
        const count = waiting[name] ?? 0;
        const aside = { parked: parked[name] ?? 0, isStuck: stuck.includes(name) };
        if (count === 0) return { state: { is: 'idle' }, windows: [], ...aside };
        return {
          ...aside,
          state: phase === 'done' ? waitingState(state) : stateLeft(state, Date.parse(at)),
          windows: Array.from({ length: count }, (_none, index) => windows[index] ?? ''),
        };
      }),
    { ...task, phase, parkedWithoutTrigger },
  );
}

function waitingState(state: TriggerProgress['state']): TriggerProgress['state'] {
  return { is: 'waiting', at: state.is === 'waiting' ? state.at : undefined };
}

/** An interval that was over by then, or that nobody announced, does not excuse what is left. */
function stateLeft(state: TriggerProgress['state'], endedAt: number): TriggerProgress['state'] {
  if (state.is === 'retrying' || state.is === 'due') return state;
  return state.is === 'waiting' && (state.at ?? 0) > endedAt ? state : { is: 'due' };
}

/** What changes of a trigger; its configuration does not. */
type Progress = Partial<Omit<TriggerProgress, 'hasInterval'>>;

function withTrigger(task: TaskProgress, name: string, change: (trigger: TriggerProgress) => Progress): TaskProgress {
  const trigger = task.triggers.get(name) ?? idle(false);
  return { ...task, triggers: new Map(task.triggers).set(name, { ...trigger, ...change(trigger) }) };
}
