import type { Store, TaskState } from '@aftercommit/persistence';
import type { Trigger, TriggerKind } from '@aftercommit/registry';

/** Where a process can be made to die, in the order in which a first transaction and its delivery reach them. */
export const crashPoints = [
  /** The store was not asked to open the task yet. */
  'before-open',
  /** The task is open, its epoch raised; the session does not know yet. */
  'after-open',
  /** Nothing of a write was applied. */
  'before-write',
  /** A write is durable; the session does not know yet. */
  'after-write',
  /** The kind was not asked yet. */
  'before-attempt',
  /** The receiver answered; nothing of it is noted. */
  'after-attempt',
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** Collaborators that die at one point, as if the process had been killed there. */
export type CrashingCollaborators = {
  store: Store;
  kinds: TriggerKind[];
  /** For a point of the host's own, such as after its transaction committed: `await reach('after-commit')`. */
  reach(point: string): Promise<void>;
  /** How often each point was reached so far: a run that does not die tells which occurrences there are. */
  readonly reached: ReadonlyMap<string, number>;
};

/** What to wrap, and where to die. */
export type CrashPlan = {
  store: Store;
  kinds: Iterable<TriggerKind>;
  /** Where to die: at the n-th time from 1, over all tasks and triggers. Undefined: it does not die, and only counts. */
  at?: { point: CrashPoint | (string & {}); occurrence: number };
  /** Undefined: kills this process with SIGKILL, so that nothing can be cleaned up. */
  die?: () => void;
};

/**
 * Wraps a store and kinds so that the process dies when a named point is reached for the n-th time. The code under test
 * knows nothing of it. When `die` returns, as one of a test in the same process does, the collaborators are dead all the
 * same: no call to them has an effect any more or settles, so nothing that follows can be noted or delivered.
 */
export function withCrashPoints({ store, kinds, at, die = killThisProcess }: CrashPlan): CrashingCollaborators {
  const life = new Life(at, die);
  return {
    store: crashingStore(store, life),
    kinds: [...kinds].map((kind) => crashingKind(kind, life)),
    reach: (point) => life.reach(point),
    reached: life.reached,
  };
}

function killThisProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** One life of a process: counts the points it comes by, and ends at the planned one. */
class Life {
  readonly reached = new Map<string, number>();
  readonly #at: CrashPlan['at'];
  readonly #die: () => void;
  #over = false;

  constructor(at: CrashPlan['at'], die: () => void) {
    this.#at = at;
    this.#die = die;
  }

  async reach(point: string): Promise<void> {
    if (!this.#over) {
      const occurrence = (this.reached.get(point) ?? 0) + 1;
      this.reached.set(point, occurrence);
      if (point === this.#at?.point && occurrence === this.#at.occurrence) {
        this.#over = true;
        this.#die();
      }
    }
    if (this.#over) await never();
  }

  /** Does the work unless this life is over; its result is heard only if this life is not over meanwhile. */
  async living<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#over) await never();
    try {
      return await work();
    } finally {
      if (this.#over) await never();
    }
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

function crashingStore(store: Store, life: Life): Store {
  return {
    supports: store.supports,
    tasks: () => life.living(() => store.tasks()),
    read: (task) => life.living(() => store.read(task)),
    request: (task, value) => life.living(() => store.request(task, value)),
    close: () => life.living(() => store.close()),
    async open(task, owner) {
      await life.reach('before-open');
      const state = await life.living(() => store.open(task, owner));
      await life.reach('after-open');
      return crashingTaskState(state, life);
    },
  };
}

function crashingTaskState(state: TaskState, life: Life): TaskState {
  return {
    fence: state.fence,
    lost: state.lost,
    get: (key) => life.living(() => state.get(key)),
    list: (prefix) => life.living(() => state.list(prefix)),
    close: () => life.living(() => state.close()),
    async write(batch) {
      await life.reach('before-write');
      await life.living(() => state.write(batch));
      await life.reach('after-write');
    },
  };
}

function crashingKind(kind: TriggerKind, life: Life): TriggerKind {
  const open: TriggerKind['open'] = async (config, environment) => {
    return crashingTrigger(await life.living(() => kind.open(config, environment)), life);
  };
  // All the rest is the kind's own, wherever it keeps it.
  return new Proxy(kind, {
    get(target, field) {
      if (field === 'open') return open;
      const own: unknown = Reflect.get(target, field, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

function crashingTrigger(trigger: Trigger, life: Life): Trigger {
  return {
    async attempt(attempt) {
      await life.reach('before-attempt');
      const outcome = await life.living(() => trigger.attempt(attempt));
      await life.reach('after-attempt');
      return outcome;
    },
    close: () => life.living(async () => trigger.close?.()),
  };
}
