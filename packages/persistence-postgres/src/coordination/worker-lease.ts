import type { CoordinationClock } from './coordinator.js';
import { WorkerConnection } from './worker-connection.js';
import { joinWorkers, leaveWorkers, lockAgain, renewLease, type WorkerCard } from './worker-rows.js';

/** What keeps a worker's lease. */
export type LeaseOptions = {
  url: string;
  /** Where the tables are. */
  schema: string;
  /** How long others wait for a worker that does not answer, in milliseconds. */
  ttlMs: number;
  clock: CoordinationClock;
  /** What the others are told when it joins. */
  card: () => WorkerCard;
  /** It is one of the workers, under a new id. */
  onJoined: (worker: number) => void;
  /** Others may be running its tasks: they took them over, or may have, because the lease must be over by now. */
  onLost: (why: 'lease-over' | 'taken-over') => void;
  onDisconnected: (reason: Error) => void;
  onReconnected: () => void;
};

const firstRetryMs = 20;
const longestRetryMs = 1_000;

/**
 * Keeps this process one of the workers, on a connection of its own: nothing that is slow elsewhere delays a renewal. The
 * connection holds a lock, so that others learn at once when the process was killed; a process that stands still, or that the
 * network has cut off, keeps the lock, and loses its lease.
 *
 * The lease is by the clock of the server. Here it is counted by the monotonic clock from before the renewal was sent: it is
 * over here before it is over there, whatever any wall clock says.
 */
export class WorkerLease {
  readonly #options: LeaseOptions;
  readonly #stopping = new AbortController();
  #connection: WorkerConnection | undefined;
  #worker: number | undefined;
  #serverRun = '';
  #endsAt = 0;
  #isOver = true;
  #isDisconnected = false;
  #nap = new AbortController();
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** The id under which the others know this process. Undefined: it is none of the workers at the moment. */
  get worker(): number | undefined {
    return this.#worker;
  }

  /** @throws The driver's error when it cannot join. */
  async start(): Promise<void> {
    try {
      await this.#step();
    } catch (error) {
      this.#connection?.destroy();
      throw error;
    }
    this.#keeping = Promise.all([this.#keep(), this.#watch()]);
  }

  /** Leaves the workers. Never rejects: one that cannot say so is found to be gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#nap.abort();
    await this.#keeping;
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.#worker !== undefined) await leaveWorkers(connection, this.#worker).catch(() => undefined);
    connection.destroy();
  }

  async #keep(): Promise<void> {
    const { clock, ttlMs } = this.#options;
    let retryMs = firstRetryMs;
    let waitMs = ttlMs / 3;
    for (;;) {
      await this.#sleep(waitMs);
      if (this.#stopping.signal.aborted) return;
      try {
        await this.#step();
        [retryMs, waitMs] = [firstRetryMs, ttlMs / 3];
      } catch (error) {
        this.#disconnected(error);
        await clock.sleep(retryMs, this.#stopping.signal);
        [retryMs, waitMs] = [Math.min(longestRetryMs, retryMs * 2), 0];
      }
    }
  }

  /** Connects if need be, and joins or renews. */
  async #step(): Promise<void> {
    const { ttlMs, card, clock } = this.#options;
    const connection = this.#connection ?? (await this.#connect());
    const sentAt = clock.monotonic();
    if (this.#worker !== undefined) {
      if (this.#serverRun === '') this.#serverRun = await lockAgain(connection, this.#worker);
      if (await renewLease(connection, this.#worker, ttlMs, this.#serverRun)) return this.#renewed(sentAt);
      this.#worker = undefined;
      this.#options.onLost('taken-over');
    }
    const { worker, serverRun } = await joinWorkers(connection, card(), ttlMs);
    this.#worker = worker;
    this.#serverRun = serverRun;
    this.#renewed(sentAt);
    this.#options.onJoined(worker);
  }

  async #connect(): Promise<WorkerConnection> {
    const { url, schema, ttlMs } = this.#options;
    const connection = await WorkerConnection.connect({
      url,
      schema,
      answerWithinMs: Math.ceil(ttlMs / 2),
      onEnd: (reason) => {
        this.#disconnected(reason);
        this.#nap.abort();
      },
    });
    this.#connection = connection;
    this.#serverRun = '';
    return connection;
  }

  #renewed(sentAt: number): void {
    this.#endsAt = sentAt + this.#options.ttlMs;
    this.#isOver = false;
    if (!this.#isDisconnected) return;
    this.#isDisconnected = false;
    this.#options.onReconnected();
  }

  #disconnected(error: unknown): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    if (this.#isDisconnected || this.#stopping.signal.aborted) return;
    this.#isDisconnected = true;
    this.#options.onDisconnected(error instanceof Error ? error : new Error(String(error)));
  }

  /** Notices by itself when the lease must be over: a renewal that hangs tells nobody. */
  async #watch(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const leftMs = this.#endsAt - clock.monotonic();
      if (leftMs <= 0 && !this.#isOver) {
        this.#isOver = true;
        this.#options.onLost('lease-over');
      }
      await clock.sleep(leftMs > 0 ? leftMs : this.#options.ttlMs / 10, signal);
    }
  }

  async #sleep(durationMs: number): Promise<void> {
    this.#nap = new AbortController();
    if (this.#connection === undefined) return;
    await this.#options.clock.sleep(durationMs, AbortSignal.any([this.#nap.signal, this.#stopping.signal]));
  }
}
