/**
 * Decides which tasks this process should run, where several processes could run the same ones.
 *
 * That is a question of liveness alone. Who may write is decided by the store: every write is fenced by owner and epoch.
 * So a coordinator may be wrong at any time without harm: two processes that run one task cost duplicates of what was in
 * flight, and never a lost or torn commit. Whoever implements one owes what stands here, and may keep what it knows
 * wherever it likes: in a database, in an orchestrator, in a list.
 */
export interface Coordinator {
  /**
   * Says which tasks this process could run, from now on; the first call begins the work. Each task that the coordinator
   * assigns to this process is started with the `run` it was made with. Those that are running and not offered any more are
   * stopped (`withdrawn`). Tasks are told apart by their names, and other processes may offer others.
   *
   * The first call resolves when this process is one of those that share the tasks, and rejects when that fails: nothing is
   * started then. Later ones resolve at once, and what they say is passed on as soon as it can be.
   */
  offer(tasks: readonly string[]): Promise<void>;

  /**
   * Stops every task that is running here (`closing`), hands each over as soon as it has ended, and is assigned no more.
   * Resolves when the last one has ended. Never rejects: what cannot be handed over is taken over later.
   */
  close(): Promise<void>;
}

/** What makes a coordinator, whatever its kind. */
export type CoordinatorOptions = {
  /**
   * Runs a task until `stop` aborts or it ends by itself, and never rejects. At most one call for a task is under way at a
   * time. A task that ended by itself, in whatever way, is started again, here or elsewhere: later each time it fails.
   */
  run(assignment: Assignment): Promise<RunEnd>;
  /** Told what happens, synchronously. Must not throw. Default: nobody is told. */
  observe?: (event: CoordinationEvent) => void;
  /** Time that passes, and waiting. */
  clock: CoordinationClock;
};

/** A task that this process should run. */
export type Assignment = {
  /** Its name, as it was offered. */
  readonly task: string;
  /** Aborted: end gracefully, and soon. Its reason is a `StopReason`. */
  readonly stop: AbortSignal;
};

/**
 * Why a task is to stop here.
 *
 * - `handed-over`: another process has less to do.
 * - `withdrawn`: it is not offered any more.
 * - `closing`: this process ends.
 * - `lost`: another process may be running it already.
 */
export type StopReason = 'handed-over' | 'withdrawn' | 'closing' | 'lost';

/** How a run of a task ended. */
export type RunEnd =
  /** It was told to, or its work is done. */
  | { readonly ended: 'stopped' }
  /** It broke off. */
  | {
      readonly ended: 'failed';
      /** Why, for people: without secrets. */
      readonly reason: string;
    };

/** Durations and waiting: nothing here needs to know what time it is. */
export type CoordinationClock = {
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /** Resolves after `durationMs`, or at once, without an error, when the signal aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
};

/** What happens, for logs and tests. Never a secret. */
export type CoordinationEvent =
  /** This process is one of those that share the tasks, under this name. */
  | {
      event: 'joined';
      /** A name that no other process has. */
      worker: string;
    }
  /** The task is started here. */
  | {
      event: 'claimed';
      /** Its name. */
      task: string;
      /** So often in a row it has failed, here and elsewhere. */
      failures: number;
    }
  /** The task has ended here and may be started by anybody. */
  | {
      event: 'released';
      /** Its name. */
      task: string;
      /** Why it ended. */
      why: StopReason | 'failed';
      /** In so many milliseconds at the earliest. 0: at once. */
      retryInMs: number;
    }
  /** The task is stopped here, because another process may be running it. */
  | {
      event: 'lost';
      /** Its name. */
      task: string;
      /** `lease-over`: this process did not renew its lease in time. `taken-over`: another one has the task. */
      why: 'lease-over' | 'taken-over';
    }
  /** Another process was found to be gone, and its tasks are free. */
  | {
      event: 'worker-gone';
      /** Its name. */
      worker: string;
      /** How many tasks it had. */
      tasks: number;
      /** `connection-ended`: it was ended, or its host was. `lease-over`: it stood still, or was cut off. */
      why: 'connection-ended' | 'lease-over';
    }
  /** What the coordinator stands on does not answer. It keeps trying, and tasks go on as long as their lease lasts. */
  | {
      event: 'disconnected';
      /** What was answered instead, for people. */
      reason: string;
    }
  /** It answers again. */
  | { event: 'reconnected' };
