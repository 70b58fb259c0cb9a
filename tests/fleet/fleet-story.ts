import { setTimeout as delay } from 'node:timers/promises';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import type { Random } from '@aftercommit/registry';
import { seededRandom } from '@aftercommit/testkit';
import { Client } from 'pg';
import type { PostgresServer } from '../servers/postgres-server.js';
import { isEverythingDelivered, type Thing, violationsOf } from './fleet-checks.js';
import { FleetReceiver } from './fleet-receiver.js';
import type { HostOptions } from './host-options.js';
import { HostProcess } from './host-process.js';

/** How a story of a fleet is told. */
export type StoryOptions = {
  server: PostgresServer;
  /** Of the host, from `bundleProgram`. */
  program: string;
  /** Names its database. */
  name: string;
  seed: number | string;
  /** How long faults happen, in milliseconds. */
  durationMs: number;
  tasks: number;
  workers: number;
  commitEveryMs: number;
  ttlMs: number;
  /** What happens. Default: everything but that the server is killed. */
  faults?: readonly Fault[];
  /** Told what happens. Default: nobody is. */
  tell?: (line: string) => void;
};

/** What can happen to a host, or to all of them. */
export type Fault = (typeof hostFaults)[number] | 'server killed';

const hostFaults = ['SIGKILL', 'SIGTERM', 'SIGSTOP', 'partition', 'disconnect'] as const;

/** What happened in a story, and what was wrong in the end. */
export type StoryReport = {
  violations: string[];
  commits: number;
  deliveries: number;
  /** Deliveries that were accepted more than once: hosts died before they had cleared them, or were zombies. */
  repeated: number;
  refused: number;
  faults: Record<string, number>;
};

const hourMs = 3_600_000;
/** How long all tasks may take to begin. */
const beginWithinMs = 30_000;
/** How long everything that is left may take to be delivered, once nothing goes wrong any more. */
const drainWithinMs = 60_000;

/** Hosts share tasks, commit and deliver, while from a seed they are killed, frozen, cut off, stopped and disconnected. */
export async function tellFleetStory(options: StoryOptions): Promise<StoryReport> {
  const story = await FleetStory.begin(options);
  try {
    await story.suffer();
    await story.drain();
    return await story.report();
  } finally {
    await story.end();
  }
}

class FleetStory {
  readonly #options: StoryOptions;
  readonly #random: Random;
  readonly #url: string;
  readonly #receiver: FleetReceiver;
  readonly #tasks: string[];
  readonly #hosts: HostProcess[] = [];
  readonly #faults: Record<string, number> = {};

  static async begin(options: StoryOptions): Promise<FleetStory> {
    const url = await options.server.createDatabase(options.name);
    await withClient(url, (client) =>
      client.query('CREATE TABLE thing (task text NOT NULL, number integer NOT NULL, run_id text NOT NULL)'),
    );
    const receiver = await FleetReceiver.start(seededRandom(`receiver ${options.seed}`));
    return new FleetStory(options, url, receiver);
  }

  private constructor(options: StoryOptions, url: string, receiver: FleetReceiver) {
    this.#options = options;
    this.#random = seededRandom(`fleet ${options.seed}`);
    this.#url = url;
    this.#receiver = receiver;
    this.#tasks = Array.from({ length: options.tasks }, (_none, index) => `acmeCo/task-${index}`);
  }

  /** Faults, one after the other, until the time is over. */
  async suffer(): Promise<void> {
    const { workers, durationMs } = this.#options;
    this.#receiver.refusing = 0.05;
    for (let index = 0; index < workers; index += 1) this.#hosts.push(await this.#start(false));
    await this.#everyTaskCommitted();
    const endsAt = performance.now() + durationMs;
    while (performance.now() < endsAt) {
      await delay(100 + this.#random.fraction() * 500);
      await this.#meetFault(Math.floor(this.#random.fraction() * workers));
      await this.#forgetFailures();
    }
  }

  /** Nothing goes wrong any more, nothing is committed, and what is left is delivered. */
  async drain(): Promise<void> {
    this.#receiver.refusing = 0;
    this.#options.tell?.('draining');
    for (const host of this.#hosts) host.signal('SIGCONT');
    await Promise.all(this.#hosts.splice(0).map((host) => host.end('SIGTERM')));
    await this.#forgetFailures();
    this.#hosts.push(await this.#start(true), await this.#start(true));
    const store = await PostgresStore.open(this.#url);
    const deadline = performance.now() + drainWithinMs;
    for (const task of this.#tasks) {
      while (!(await isEverythingDelivered(store, task)) && performance.now() < deadline) await delay(100);
    }
    await store.close();
    await Promise.all(this.#hosts.splice(0).map((host) => host.end('SIGTERM')));
  }

  async report(): Promise<StoryReport> {
    const { accepted, refused } = this.#receiver;
    const things = await withClient(this.#url, async (client) => {
      const { rows } = await client.query<Thing>('SELECT task, number, run_id FROM thing');
      return rows;
    });
    const store = await PostgresStore.open(this.#url);
    const violations = await violationsOf(this.#tasks, { things, accepted, store });
    await store.close();
    const deliveries = new Set(accepted.map(({ key }) => key)).size;
    return {
      violations,
      commits: things.length,
      deliveries,
      repeated: accepted.length - deliveries,
      refused,
      faults: this.#faults,
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.end('SIGKILL')));
    await this.#receiver.stop();
  }

  #start(isDraining: boolean): Promise<HostProcess> {
    const { program, server, commitEveryMs, ttlMs } = this.#options;
    const options: HostOptions = {
      url: this.#url,
      receiver: this.#receiver.url,
      tasks: this.#tasks,
      clockSkewMs: Math.round((this.#random.fraction() * 2 - 1) * hourMs),
      commitEveryMs,
      ttlMs,
      isDraining,
    };
    return HostProcess.start(program, server.port, options);
  }

  async #meetFault(place: number): Promise<void> {
    const host = this.#hosts[place];
    if (host === undefined) return;
    const { ttlMs, faults = hostFaults } = this.#options;
    const longMs = ttlMs * (0.2 + this.#random.fraction() * 2);
    const fault = faults[Math.floor(this.#random.fraction() * faults.length)] ?? 'SIGKILL';
    if (host.hasEnded) throw new Error(`A host ended by itself: ${await host.ending()}`);
    this.#count(fault);
    if (fault === 'SIGKILL' || fault === 'SIGTERM') await this.#restart(place, fault);
    else if (fault === 'SIGSTOP') this.#freeze(host, longMs);
    else if (fault === 'partition') this.#cutOff(host, longMs);
    else if (fault === 'disconnect') await this.#disconnect();
    else await this.#killServer();
  }

  /** A story in which nothing can go wrong, because nothing goes on, says nothing. */
  async #everyTaskCommitted(): Promise<void> {
    const deadline = performance.now() + beginWithinMs;
    await withClient(this.#url, async (client) => {
      const count = async (): Promise<number> =>
        (await client.query('SELECT count(DISTINCT task)::integer AS tasks FROM thing')).rows[0]?.tasks ?? 0;
      while ((await count()) < this.#tasks.length) {
        if (performance.now() > deadline) throw new Error(`Not every task begins: ${await this.#whyNot(client)}`);
        await delay(50);
      }
    });
  }

  async #whyNot(client: Client): Promise<string> {
    const { rows } = await client.query(
      'SELECT task, failures, reason FROM aftercommit.claim WHERE failures > 0 LIMIT 3',
    );
    return `${JSON.stringify(rows)} ${this.#hosts.map(({ errors }) => errors).join('')}`;
  }

  async #restart(place: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const host = this.#hosts[place];
    // One that stands still ends gracefully when it goes on.
    host?.signal('SIGCONT');
    const ending = host?.end(signal);
    this.#hosts[place] = await this.#start(false);
    await ending;
  }

  #freeze(host: HostProcess, durationMs: number): void {
    host.signal('SIGSTOP');
    setTimeout(() => host.signal('SIGCONT'), durationMs);
  }

  #cutOff(host: HostProcess, durationMs: number): void {
    host.proxy.part();
    setTimeout(() => host.proxy.heal(), durationMs);
  }

  /** Some connections, of whatever host and purpose. */
  async #disconnect(): Promise<void> {
    await withClient(this.#url, (client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.3`,
      ),
    );
  }

  async #killServer(): Promise<void> {
    await this.#options.server.kill();
    await delay(this.#random.fraction() * this.#options.ttlMs);
    await this.#options.server.start();
  }

  /** Faults come so fast that tasks would mostly be left alone. */
  async #forgetFailures(): Promise<void> {
    await withClient(this.#url, async (client) => {
      const { rows } = await client.query("SELECT to_regclass('aftercommit.claim') AS claim");
      if (rows[0]?.claim === null) return;
      await client.query("UPDATE aftercommit.claim SET failures = 0, not_before = '-infinity' WHERE failures > 0");
    });
  }

  #count(fault: Fault): void {
    this.#options.tell?.(fault);
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
  }
}

async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
