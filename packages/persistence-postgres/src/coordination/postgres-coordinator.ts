import { hostname } from 'node:os';
import { hostsOf } from '../hosts.js';
import { connectErrorOf } from '../postgres-error.js';
import { defaultSchema } from '../schema-name.js';
import { Announcements } from './announcements.js';
import { claimTasks, readFreeTasks, releaseTasks } from './claim-rows.js';
import type { Coordinator, CoordinatorOptions } from './coordinator.js';
import type { Share } from './fair-shares.js';
import { HeldTasks } from './held-tasks.js';
import { lookAround, type Rank } from './look-around.js';
import { TaskOffers } from './task-offers.js';
import { WakeableRest } from './wakeable-rest.js';
import { WorkerConnection } from './worker-connection.js';
import { WorkerLease } from './worker-lease.js';
import { channel, readServerRun } from './worker-rows.js';

/** What a coordinator in PostgreSQL works with. */
export type PostgresCoordinatorOptions = CoordinatorOptions & {
  /** Of the server, directly: not through a pooler that hands its connections out by the transaction. */
  url: string;
  /** Where the tables are. Default: `aftercommit`. */
  schema?: string;
  /**
   * Within so many milliseconds after a worker stood still, or was cut off, others run its tasks. It stops them by itself before.
   * Default: 5000.
   */
  ttlMs?: number;
  /** How often it is looked at the others, in milliseconds: a worker that was killed is noticed so fast. Default: 250. */
  pollMs?: number;
  /** How this process is called in what people see. Default: the host's name. */
  host?: string;
};

const defaultTtlMs = 5_000;

/** Tasks are started so many at a time, so that workers that come at the same moment find some left. */
const claimsAtOnce = 64;

/**
 * Shares tasks with every other process that offers them on the same database. Each has as many as any other, to within one.
 *
 * - A worker that ends hands its tasks over one by one, as they end: others are told, and start them at once.
 * - One that was killed is noticed at the next look, because the lock on its connection is gone.
 * - One that stands still or was cut off loses its tasks with its lease, and stops them by itself by then.
 *
 * The tables are those of `PostgresStore.open`, which makes them.
 */
export class PostgresCoordinator implements Coordinator {
  readonly #options: PostgresCoordinatorOptions;
  readonly #offers = new TaskOffers();
  readonly #announcements = new Announcements();
  readonly #rest: WakeableRest;
  readonly #held: HeldTasks;
  readonly #lease: WorkerLease;
  #connection: WorkerConnection | undefined;
  /** Which of the two connections do not work. */
  readonly #broken = new Set<'lease' | 'claims'>();
  #rank: Rank = { place: 0, of: 1 };
  /** After the last look, another worker may be gone in so many milliseconds. */
  #nextEndMs = Number.POSITIVE_INFINITY;
  #serverRun = '';
  /** When this process came to that run of the server, by the monotonic clock. */
  #serverRunSince = 0;
  #closing: Promise<void> | undefined;
  /** Undefined: nothing was offered yet. */
  #starting: Promise<void> | undefined;
  #loop: Promise<void> | undefined;

  /** Contacts nobody: the first `offer` does. */
  constructor(options: PostgresCoordinatorOptions) {
    this.#options = options;
    const { url, schema = defaultSchema, ttlMs = defaultTtlMs, clock, host = hostname() } = options;
    this.#rest = new WakeableRest(clock);
    this.#held = new HeldTasks(options.run, () => this.#rest.wake());
    this.#lease = new WorkerLease({
      url,
      schema,
      ttlMs,
      clock,
      card: () => {
        const { digest, tasks } = this.#offers.own;
        return { host, process: process.pid, digest, offers: tasks };
      },
      onJoined: (worker) => {
        this.#tell({ event: 'joined', worker: String(worker) });
        this.#rest.wake();
      },
      onLost: (why) => this.#lose(why),
      onDisconnected: (reason) => this.#disconnected('lease', reason),
      onReconnected: () => this.#reconnected('lease'),
    });
  }

  async offer(tasks: readonly string[]): Promise<void> {
    if (this.#closing !== undefined) return;
    this.#offers.setOwn(tasks);
    this.#held.stop('withdrawn', (task) => !this.#offers.has(task));
    if (this.#starting !== undefined) {
      this.#rest.wake();
      return;
    }
    this.#starting = this.#start();
    await this.#starting;
  }

  async #start(): Promise<void> {
    const { url, schema = defaultSchema } = this.#options;
    try {
      await this.#lease.start();
    } catch (error) {
      this.#starting = undefined;
      const hosts = hostsOf(url).map(({ name }) => name);
      throw connectErrorOf([{ host: hosts.join(', '), error }], `the workers in PostgreSQL (schema ${schema})`);
    }
    this.#loop = this.#keepLooking();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    // It joins all the same when it was joining, and leaves then.
    await this.#starting?.catch(() => undefined);
    this.#held.stop('closing');
    this.#rest.wake();
    await this.#loop;
    await this.#lease.stop();
    this.#connection?.destroy();
  }

  get #isDone(): boolean {
    return this.#closing !== undefined && this.#held.size === 0;
  }

  async #keepLooking(): Promise<void> {
    const { pollMs = 250 } = this.#options;
    for (;;) {
      this.#rest.begin();
      const isMore = await this.#look();
      if (this.#isDone) return;
      if (!isMore) await this.#rest.atMost(Math.min(pollMs, Math.ceil(this.#nextEndMs)));
    }
  }

  /** @returns Whether there is more to do at once. */
  async #look(): Promise<boolean> {
    this.#nextEndMs = Number.POSITIVE_INFINITY;
    try {
      const connection = this.#connection ?? (await this.#connect());
      const worker = this.#lease.worker;
      await this.#announce(connection, worker);
      await this.#release(connection);
      if (worker === undefined || this.#closing !== undefined) return false;
      const shares = await this.#lookAround(connection, worker);
      for (const { tasks, quota } of shares) this.#held.reduce(tasks, quota);
      return await this.#claim(connection, worker, shares);
    } catch (error) {
      this.#lookFailed(error);
      return false;
    }
  }

  async #connect(): Promise<WorkerConnection> {
    const { url, schema = defaultSchema, ttlMs = defaultTtlMs } = this.#options;
    const connection = await WorkerConnection.connect({
      url,
      schema,
      answerWithinMs: ttlMs,
      onEnd: () => {
        this.#connection = undefined;
        this.#rest.wake();
      },
      onNotification: () => this.#rest.wake(),
    });
    this.#connection = connection;
    await connection.query(`LISTEN ${channel}`);
    const serverRun = await readServerRun(connection);
    if (serverRun !== this.#serverRun) this.#serverRunSince = this.#options.clock.monotonic();
    this.#serverRun = serverRun;
    this.#reconnected('claims');
    return connection;
  }

  /** While this process ends, nobody is waited for once everything has ended: what is not released is taken over. */
  #lookFailed(error: unknown): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    if (this.#closing !== undefined && this.#held.running === 0) {
      this.#held.forget(this.#held.ended);
      return;
    }
    this.#disconnected('claims', error);
  }

  #disconnected(which: 'lease' | 'claims', reason: unknown): void {
    if (this.#broken.size === 0 && this.#closing === undefined) {
      this.#tell({ event: 'disconnected', reason: reason instanceof Error ? reason.message : String(reason) });
    }
    this.#broken.add(which);
  }

  #reconnected(which: 'lease' | 'claims'): void {
    if (this.#broken.delete(which) && this.#broken.size === 0) this.#tell({ event: 'reconnected' });
  }

  async #announce(connection: WorkerConnection, worker: number | undefined): Promise<void> {
    if (worker === undefined) return;
    if (this.#closing !== undefined) await this.#announcements.leaving(connection, worker);
    else await this.#announcements.offers(connection, worker, this.#offers.own);
  }

  async #release(connection: WorkerConnection): Promise<void> {
    const { ended } = this.#held;
    if (ended.length === 0) return;
    const released = await releaseTasks(connection, ended);
    this.#held.forget(ended);
    const whyOf = new Map(ended.map(({ task, why }) => [task, why]));
    for (const { task, retryInMs } of released) {
      this.#tell({ event: 'released', task, why: whyOf.get(task) ?? 'failed', retryInMs });
    }
  }

  async #lookAround(connection: WorkerConnection, worker: number): Promise<readonly Share[]> {
    const { ttlMs = defaultTtlMs, clock } = this.#options;
    const isSettled = clock.monotonic() - this.#serverRunSince >= ttlMs;
    const onlooker = { worker, serverRun: this.#serverRun, isSettled };
    const { shares, rank, removed, nextEndMs } = await lookAround(connection, onlooker, this.#offers);
    for (const { worker: gone, tasks, why } of removed) {
      this.#tell({ event: 'worker-gone', worker: String(gone), tasks, why });
    }
    this.#rank = rank;
    this.#nextEndMs = nextEndMs;
    return shares;
  }

  async #claim(connection: WorkerConnection, worker: number, shares: readonly Share[]): Promise<boolean> {
    const vacancies = shares.map(({ tasks, quota }) => ({ tasks, count: quota - this.#held.countOf(tasks) }));
    if (vacancies.every(({ count }) => count <= 0)) return false;
    const free = await readFreeTasks(connection);
    const wanted = vacancies.flatMap(({ tasks, count }) => {
      const own = free.filter((task) => tasks.has(task) && this.#offers.has(task) && !this.#held.has(task));
      return fromPlace(own, this.#rank).slice(0, Math.max(0, count));
    });
    if (wanted.length === 0) return false;
    const claimed = await claimTasks(connection, worker, wanted.slice(0, claimsAtOnce));
    for (const claim of claimed) {
      this.#tell({ event: 'claimed', task: claim.task, failures: claim.failures });
      this.#held.start(claim, worker);
    }
    this.#stopUnwanted(worker);
    return claimed.length > 0 && claimed.length < wanted.length;
  }

  /** What was said while the claims were under way was said to the tasks that were there. */
  #stopUnwanted(worker: number): void {
    if (this.#closing !== undefined) this.#held.stop('closing');
    if (this.#lease.worker !== worker) this.#lose('lease-over');
    this.#held.stop('withdrawn', (task) => !this.#offers.has(task));
  }

  #lose(why: 'lease-over' | 'taken-over'): void {
    for (const task of this.#held.stop('lost')) this.#tell({ event: 'lost', task, why });
  }

  #tell(event: Parameters<NonNullable<CoordinatorOptions['observe']>>[0]): void {
    this.#options.observe?.(event);
  }
}

/** Begins with another one than the other workers do, so that they do not want the same ones. */
function fromPlace<Item>(items: readonly Item[], { place, of }: Rank): Item[] {
  const start = Math.floor((Math.max(0, place) * items.length) / Math.max(1, of));
  return [...items.slice(start), ...items.slice(0, start)];
}
