import type { Store, TaskState } from '@aftercommit/persistence';
import type { Trigger, TriggerKind } from '@aftercommit/registry';
import type { Connector, MaterializationOptions } from '@aftercommit/runtime-adapter';
import { crashingConnector } from './crash-points-connector.js';
import { type CrashMoment, Life } from './crash-points-life.js';
import { type WriteName, writeName } from './crash-points-write.js';

/** What a process can be made to die before or after. */
export type CrashStep =
  /** `Store.open`: raises the epoch. */
  | 'open-task'
  /** `TaskState.write`, by what the write is for. */
  | WriteName
  /** `Trigger.attempt`. After it the receiver has answered, and nothing of it is noted. */
  | 'attempt'
  /** The calls of a connector. After `load` everything that is stored under the keys was answered. */
  | 'open-endpoint'
  | 'acknowledge'
  | 'load'
  | 'flush'
  | 'store'
  | 'start-commit'
  | 'close-endpoint';

/**
 * Where a process can be made to die. `before-…`: nothing of the step has happened. `after-…`: it has, durably where it
 * writes, and whoever asked for it does not know. `within-store`: the connector has taken the transaction's first document.
 */
export type CrashPoint = `${'before' | 'after'}-${CrashStep}` | 'within-store';

/** Where to die, and how. */
export type CrashPlan = {
  /** A point of the host's own is one too. Undefined: it does not die, and only counts. */
  at?: CrashMoment<CrashPoint | (string & {})>;
  /** Undefined: kills this process with SIGKILL, so that nothing can be cleaned up. */
  die?: () => void;
};

/**
 * Wraps what a program works with, so that the process dies when a named point is reached for the n-th time. The code under
 * test knows nothing of it: it is given a store, kinds and a connector as ever.
 *
 * When `die` returns, as one of a test in the same process does, everything that was wrapped is dead all the same: no call
 * has an effect any more or settles, so nothing that follows can be noted or delivered.
 */
export class CrashPoints {
  readonly #life: Life;

  /** Without a plan it counts and kills nobody. */
  constructor({ at, die = killThisProcess }: CrashPlan = {}) {
    this.#life = new Life(at, die);
  }

  /** Points: `open-task`, and the writes of every task that is opened. */
  store(store: Store): Store {
    return crashingStore(store, this.#life);
  }

  /** Points: `attempt`, of all its triggers. */
  triggerKind(kind: TriggerKind): TriggerKind {
    return crashingKind(kind, this.#life);
  }

  /** Points: the connector's calls. */
  connector(connector: Connector): Connector {
    return crashingConnector(connector, this.#life);
  }

  /** Wraps all that `materialize` works with: the store, the connector, and the kinds of the triggers. */
  materialization(options: MaterializationOptions): MaterializationOptions {
    return {
      ...options,
      store: this.store(options.store),
      connector: this.connector(options.connector),
      triggers: options.triggers.map((trigger) => ({ ...trigger, kind: this.triggerKind(trigger.kind) })),
    };
  }

  /** For a point of the host's own, such as after its transaction committed: `await reach('after-commit')`. */
  async reach(point: string): Promise<void> {
    await this.#life.reach(point);
  }

  /** How often each point was reached so far: a run that does not die tells which occurrences there are. */
  get reached(): ReadonlyMap<string, number> {
    return this.#life.reached;
  }
}

function killThisProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}

function crashingStore(store: Store, life: Life): Store {
  return {
    supports: store.supports,
    tasks: () => life.living(() => store.tasks()),
    read: (task) => life.living(() => store.read(task)),
    request: (task, value) => life.living(() => store.request(task, value)),
    close: () => life.living(() => store.close()),
    open: async (task, owner, above) => {
      return crashingTaskState(await life.between('open-task', () => store.open(task, owner, above)), life);
    },
  };
}

function crashingTaskState(state: TaskState, life: Life): TaskState {
  const { onMessage } = state;
  return {
    fence: state.fence,
    lost: state.lost,
    get: (key) => life.living(() => state.get(key)),
    list: (prefix) => life.living(() => state.list(prefix)),
    close: () => life.living(() => state.close()),
    write: (batch) => life.between(writeName(batch), () => state.write(batch)),
    ...(onMessage && { onMessage: (listener) => onMessage.call(state, listener) }),
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
    attempt: (attempt) => life.between('attempt', () => trigger.attempt(attempt)),
    close: () => life.living(async () => trigger.close?.()),
  };
}
