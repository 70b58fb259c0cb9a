/** `pnpm measure-fleet`: how long a fleet takes for what it does, in processes and with a PostgreSQL of this machine. */
import { setTimeout as delay } from 'node:timers/promises';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import { seededRandom } from '@aftercommit/testkit';
import { Client } from 'pg';
import { bundleProgram } from '../bundle-program.js';
import { startPostgres } from '../servers/postgres-server.js';
import { FleetReceiver } from './fleet-receiver.js';
import type { HostOptions } from './host-options.js';
import { HostProcess } from './host-process.js';

const ttlMs = 5_000;
const rounds = 5;

const server = await startPostgres();
const receiver = await FleetReceiver.start(seededRandom('measure'));
const program = await bundleProgram('tests/fleet/fleet-host.ts', 'measured-host');
let databases = 0;
try {
  await measureAssignment(1_000, 10);
  await measureTakeovers(48);
  await measureCommits(1_000, 4);
} finally {
  await receiver.stop();
  await server.stop();
}

/** From when the last worker has joined until every task runs, and all have as many. */
async function measureAssignment(tasks: number, workers: number): Promise<void> {
  const hosts = await startHosts(workers, { tasks: names(tasks), isIdle: true });
  await until(() => hosts.every((host) => timeOf(host, 'joined') !== undefined));
  const joinedAt = Math.max(...hosts.map((host) => timeOf(host, 'joined') ?? 0));
  await until(() => hosts.every(({ owned }) => owned.size === tasks / workers));
  say(`first assignment of ${tasks} tasks to ${workers} workers`, [performance.now() - joinedAt]);
  await end(hosts);
}

/** Of two workers one goes, and the other one runs all tasks. */
async function measureTakeovers(tasks: number): Promise<void> {
  const took: Record<'SIGKILL' | 'SIGSTOP' | 'SIGTERM', number[]> = { SIGKILL: [], SIGSTOP: [], SIGTERM: [] };
  const perTask: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const) {
      const hosts = await startHosts(2, { tasks: names(tasks), isIdle: true });
      const [one, two] = hosts;
      if (one === undefined || two === undefined) throw new Error('hosts that were not started');
      await until(() => hosts.every(({ owned }) => owned.size === tasks / 2));
      const at = performance.now();
      one.signal(signal);
      await until(() => two.owned.size === tasks);
      took[signal].push(performance.now() - at);
      if (signal === 'SIGTERM') perTask.push(...handOvers(one, two));
      if (signal === 'SIGSTOP') one.signal('SIGCONT');
      await end(hosts);
    }
  }
  say(`takeover of ${tasks / 2} tasks after kill -9`, took.SIGKILL);
  say(`the same after SIGSTOP (lease ${ttlMs} ms)`, took.SIGSTOP);
  say('from SIGTERM until the other one runs all', took.SIGTERM);
  say('of each task from its release to its start elsewhere', perTask);
}

function handOvers(from: HostProcess, to: HostProcess): number[] {
  return from.events.flatMap((event, index) => {
    if (event.event !== 'released') return [];
    const claimed = to.events.findLastIndex((one) => one.event === 'claimed' && one.task === event.task);
    const claimedAt = to.seenAt[claimed];
    const releasedAt = from.seenAt[index];
    return claimedAt === undefined || releasedAt === undefined ? [] : [Math.max(0, claimedAt - releasedAt)];
  });
}

/** Each task commits once a second in a transaction with a row of its own, and delivers it. */
async function measureCommits(tasks: number, workers: number): Promise<void> {
  const hosts = await startHosts(workers, { tasks: names(tasks), commitEveryMs: 1_000 });
  await until(() => hosts.reduce((sum, { owned }) => sum + owned.size, 0) === tasks);
  await delay(5_000);
  for (const { commitMs } of hosts) commitMs.splice(0);
  const accepted = receiver.accepted.length;
  await delay(20_000);
  const commits = hosts.flatMap(({ commitMs }) => commitMs);
  say(
    `${tasks} tasks on ${workers} workers, ${Math.round(commits.length / 20)} commits and ${Math.round((receiver.accepted.length - accepted) / 20)} deliveries each second: one commit`,
    commits,
  );
  await end(hosts);
}

async function startHosts(count: number, given: Partial<HostOptions>): Promise<HostProcess[]> {
  databases += 1;
  const url = await server.createDatabase(`measure_${databases}`);
  await (await PostgresStore.open(url)).close();
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE TABLE thing (task text NOT NULL, number integer NOT NULL, run_id text NOT NULL)');
  await client.end();
  const options = {
    url,
    receiver: receiver.url,
    tasks: [],
    clockSkewMs: 0,
    commitEveryMs: 0,
    ttlMs,
    isDraining: false,
  };
  return await Promise.all(
    Array.from({ length: count }, () => HostProcess.start(program, server.port, { ...options, ...given })),
  );
}

async function end(hosts: readonly HostProcess[]): Promise<void> {
  await Promise.all(hosts.map((host) => (host.hasEnded ? host.proxy.close() : host.end('SIGTERM'))));
}

function timeOf({ events, seenAt }: HostProcess, wanted: string): number | undefined {
  return seenAt[events.findIndex(({ event }) => event === wanted)];
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_none, index) => `acmeCo/task-${index}`);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(1);
}

function say(what: string, milliseconds: readonly number[]): void {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  const quantile = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
  console.log(
    `${what}: median ${quantile(0.5)} ms, 99 of 100 ${quantile(0.99)} ms, longest ${quantile(1)} ms (${sorted.length})`,
  );
}
