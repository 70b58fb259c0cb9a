import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aftercommit, type CommandLineRun, type RunEvent, startAftercommit } from './aftercommit-run.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

let server: PostgresServer;
let receiver: Receiver;
let folder: string;
let url: string;
let runs: FleetRun[] = [];
let databases = 0;

describe.skipIf(missingPostgres)('runs that share the tasks of a spec', () => {
  beforeAll(async () => {
    [server, receiver] = await Promise.all([startPostgres(), startReceiver()]);
  });

  afterAll(async () => {
    await Promise.all([server.stop(), receiver.stop()]);
  });

  beforeEach(async () => {
    await receiver.clear();
    databases += 1;
    url = await server.createDatabase(`run_${databases}`);
    folder = await mkdtemp(join(tmpdir(), 'fleet-run-'));
  });

  afterEach(async () => {
    for (const { process } of runs) process.kill('SIGKILL');
    await Promise.all(runs.map(({ ended }) => ended));
    runs = [];
    await rm(folder, { recursive: true });
  });

  test('deliver each task once, and hand everything over on SIGTERM', async () => {
    const spec = await writeSpec(tasks(6));
    const one = start(spec);
    const two = start(spec);
    await receiver.waitFor(6);
    await until(() => one.owned.size === 3 && two.owned.size === 3);
    one.process.kill('SIGTERM');
    await until(() => two.owned.size === 6);
    expect((await one.ended).exitCode).toBe(0);
    expect(one.seen('released').map(({ why }) => why)).toEqual(expect.arrayContaining(Array(3).fill('closing')));
    // What is appended from now on is delivered by the other one.
    await writeFile(join(folder, 'task-1.ndjson'), '{"id":1}\n{"id":2}\n');
    const requests = await receiver.waitFor(7);
    expect(requests.map(({ body }) => body).sort()).toEqual([...tasks(6), 'task-1'].map((name) => `"${name}"`).sort());
  });

  test('take over at once what a killed one was running', async () => {
    const spec = await writeSpec(tasks(4));
    const one = start(spec);
    const two = start(spec);
    await until(() => one.owned.size === 2 && two.owned.size === 2);
    const killedAt = performance.now();
    one.process.kill('SIGKILL');
    await until(() => two.owned.size === 4);
    expect(performance.now() - killedAt).toBeLessThan(3_000);
    expect(two.seen('worker-gone')).toMatchObject([{ tasks: 2, why: 'connection-ended' }]);
  });

  test('leave a task that fails alone for a while, and run the others', async () => {
    await receiver.respond('/task-0', [{ status: 400 }]);
    const spec = await writeSpec(tasks(3));
    const one = start(spec);
    await until(() => one.seen('released').length >= 2);
    expect(one.seen('released').slice(0, 2)).toMatchObject([
      { materialization: 'task-0', why: 'failed', retryInMs: expect.any(Number) },
      { materialization: 'task-0', why: 'failed', retryInMs: expect.any(Number) },
    ]);
    expect(one.owned).toEqual(new Set(['task-1', 'task-2']));
    expect(one.process.exitCode).toBe(null);
  });

  test('go by a changed spec, task by task, and by the old one when the new one has errors', async () => {
    const spec = await writeSpec(tasks(3));
    const one = start(spec);
    await receiver.waitFor(3);
    await writeSpec(['task-0', 'task-1', 'task-3'], { 'task-1': '/elsewhere' });
    await until(() => one.owned.has('task-3') && !one.owned.has('task-2'));
    await receiver.waitFor(4);
    expect(one.seen('spec-changed')).toMatchObject([{ added: ['task-3'], changed: ['task-1'], removed: ['task-2'] }]);
    expect(one.seen('opened').map(({ materialization }) => materialization)).toEqual(
      expect.arrayContaining(['task-0', 'task-1', 'task-1', 'task-2', 'task-3']),
    );
    expect(one.seen('opened').filter(({ materialization }) => materialization === 'task-0')).toHaveLength(1);
    await writeFile(spec, 'materializations: [');
    await until(() => one.seen('spec-refused').length === 1);
    expect(one.owned).toEqual(new Set(['task-0', 'task-1', 'task-3']));
  });

  test('with an ordinal run what falls to it, and ask nobody', async () => {
    const spec = await writeSpec(tasks(8));
    const both = [start(spec, '0/2'), start(spec, '1/2')];
    await receiver.waitFor(8);
    await until(() => both.reduce((sum, { owned }) => sum + owned.size, 0) === 8);
    const client = new Client({ connectionString: url });
    await client.connect();
    expect((await client.query('SELECT count(*)::integer AS workers FROM aftercommit.worker')).rows).toEqual([
      { workers: 0 },
    ]);
    await client.end();
  });

  test('say in status who runs what, and what is stuck since when, why and what to do', async () => {
    await receiver.respond('/task-0', [{ status: 503 }]);
    const spec = await writeSpec(tasks(3), {}, { maxAttempts: 50 });
    const one = start(spec);
    await until(() => one.owned.size === 3 && one.seen('attempt').some(({ outcome }) => outcome === 'retry'));
    await receiver.waitFor(3);
    const status = ['status', '--store', url];
    const json = (await aftercommit([...status, '--json'])).events as unknown as Array<Record<string, unknown>>;
    expect(json).toMatchObject([
      { event: 'worker', process: one.process.pid, offers: 3, isLeaving: false, isLeaseOver: false },
      {
        event: 'materialization',
        materialization: 'task-0',
        worker: '1',
        epoch: expect.stringMatching(/^[0-9]+$/),
        lagMs: expect.any(Number),
        stuck: [
          {
            trigger: 'hook',
            why: 'failing',
            count: 1,
            waiting: 1,
            sinceAt: expect.any(String),
            reason: expect.stringContaining('503'),
            fix: `aftercommit run SPEC --store ${url} --retry-now`,
          },
        ],
      },
      { materialization: 'task-1', lagMs: null, stuck: [] },
      { materialization: 'task-2', lagMs: null, stuck: [] },
    ]);
    const { stdout, exitCode } = await aftercommit(status);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^worker 1 on .* \(process [0-9]+\), 3 materializations, since [0-9:]+, lease [0-9.]+ s$/m);
    expect(stdout).toMatch(/^task-0: worker 1 on .*; epoch [0-9]+; last commit [0-9:]+; lag [0-9]+ s$/m);
    // What needs a person stands before everything else.
    expect(stdout.split('\n').slice(0, 7)).toEqual([
      '1 trigger is stuck:',
      expect.stringMatching(/^ {2}task-0: hook: failing since [0-9:]+ \([0-9]+ s\), 1 window to deliver$/),
      expect.stringMatching(/^ {4}reason {8}HTTP 503 /),
      '    to mend       the receiver, or the trigger in the spec; the next run tries again, or the one that goes on',
      `    to try now    aftercommit run SPEC --store ${url} --retry-now`,
      `    to test       aftercommit fire SPEC --store ${url} --materialization task-0 --trigger hook`,
      '',
    ]);
    expect(stdout).toMatch(
      /^3 materializations: 3 running, 0 failed and waiting, 1 with a trigger that is stuck, longest lag/m,
    );
    // Asked for alone, too, it is named: SPEC has the others as well.
    expect((await aftercommit([...status, '--materialization', 'task-0'])).stdout).toContain(
      `aftercommit fire SPEC --store ${url} --materialization task-0 --trigger hook\n`,
    );
    const misnamed = await aftercommit([...status, '--materialization', 'task0']);
    expect(misnamed).toMatchObject({
      exitCode: 2,
      stderr: 'There is no materialization task0 in this database: did you mean task-0?\n',
    });
    // With the spec, and the same store, it says what it says of a file.
    expect((await aftercommit(['status', spec, '--store', url])).stdout).toMatch(/^task-1: last commit .*1 document/m);
  });

  test('are looked for in an empty database without making anything in it', async () => {
    const spec = await writeSpec(tasks(1));
    const nothing = {
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(/^There is no state in postgres:.*--store/),
    };
    expect(await aftercommit(['status', '--store', url])).toMatchObject(nothing);
    expect(await aftercommit(['status', spec, '--store', url])).toMatchObject(nothing);
    expect(await aftercommit(['plan', spec, '--store', url])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('task-0'),
      stderr: expect.stringMatching(/^There is no state in postgres:.*Everything is new/),
    });
    const client = new Client({ connectionString: url });
    await client.connect();
    expect((await client.query("SELECT nspname FROM pg_namespace WHERE nspname = 'aftercommit'")).rows).toEqual([]);
    await client.end();
  });

  test.each([
    [['--state', 'state.db'], "Option '--store <url>' cannot be used with option '--state <file>'"],
    [['--coordinate', '5/5'], 'from 0/5 to 4/5'],
    [['--coordinate', '--drain'], '--drain is for one run'],
    [['--coordinate', '--accept-endpoint'], '--accept-endpoint is for one run'],
  ])('are refused with %j', async (args, reason) => {
    const spec = await writeSpec(tasks(1));
    const result = await aftercommit(['run', spec, '--store', url, ...args]);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(reason) });
  });

  test('are refused without a database, and say so when there is none', async () => {
    const spec = await writeSpec(tasks(1));
    const without = await aftercommit(['run', spec, '--coordinate']);
    expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('AFTERCOMMIT_STORE') });
    const secret = 'postgres://somebody:hunter2@127.0.0.1:1/nothing';
    const away = await aftercommit(['run', spec, '--store', secret, '--coordinate']);
    expect(away).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('STORE_UNAVAILABLE') });
    expect(away.stderr).not.toContain('hunter2');
  });
});

type FleetEvent = RunEvent & { why?: string; retryInMs?: number };

type FleetRun = CommandLineRun & {
  /** The tasks that it has claimed and neither released nor lost. */
  owned: Set<string>;
  seen(event: string): FleetEvent[];
};

function start(spec: string, ordinal?: string): FleetRun {
  const events: FleetEvent[] = [];
  const owned = new Set<string>();
  const coordinate = ordinal === undefined ? ['--coordinate'] : ['--coordinate', ordinal];
  const run = startAftercommit(['run', spec, '--store', url, '--json', ...coordinate], {
    onEvent: (event) => {
      events.push(event);
      if (event.event === 'claimed') owned.add(event.materialization);
      if (event.event === 'released' || event.event === 'lost') owned.delete(event.materialization);
    },
  });
  const fleetRun = { ...run, owned, seen: (wanted: string) => events.filter(({ event }) => event === wanted) };
  runs.push(fleetRun);
  return fleetRun;
}

async function until(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 20_000, interval: 10 }).toBe(true);
}

function tasks(count: number): string[] {
  return Array.from({ length: count }, (_none, index) => `task-${index}`);
}

/** A spec with so many tasks, each with a document, a database and a receiver of its own. */
async function writeSpec(
  names: string[],
  paths: Record<string, string> = {},
  { maxAttempts = 1 } = {},
): Promise<string> {
  const each = <Value>(value: (name: string) => Value): Record<string, Value> =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  for (const name of names) await writeFile(join(folder, `${name}.ndjson`), '{"id":1}\n');
  const spec = {
    collections: each((name) => ({ key: ['/id'], source: { ndjson: `${name}.ndjson` } })),
    materializations: each((name) => ({
      endpoint: { sqlite: { path: `${name}.db` } },
      bindings: [{ source: name, resource: { table: 'things' } }],
      triggers: {
        config: {
          hook: {
            url: `${receiver.url}${paths[name] ?? `/${name}`}`,
            payloadTemplate: '"{{materialization_name}}"',
            maxAttempts,
          },
        },
      },
    })),
  };
  const path = join(folder, 'spec.json');
  await writeFile(path, JSON.stringify(spec));
  return path;
}
