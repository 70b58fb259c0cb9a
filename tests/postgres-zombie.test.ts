import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CommandLineRun, startAftercommit } from './aftercommit-run.js';
import { bundleProgram } from './bundle-program.js';
import { freezeProcess } from './servers/debian-server.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

const deafProgram = await bundleProgram('tests/deaf-program.ts', 'deaf');

type Where = 'in the same database' | 'in a file';

let server: PostgresServer;
let receiver: Receiver;
let folder: string;
let url: string;
let client: Client;
let runs: CommandLineRun[] = [];
let databases = 0;

describe.skipIf(missingPostgres !== undefined)('of two runs with tables in PostgreSQL', () => {
  beforeAll(async () => {
    [server, receiver] = await Promise.all([startPostgres({ fsync: 'off' }), startReceiver()]);
  });

  afterAll(async () => {
    await Promise.all([server.stop(), receiver.stop()]);
  });

  beforeEach(async () => {
    databases += 1;
    url = await server.createDatabase(`zombie_${databases}`);
    client = new Client({ connectionString: url });
    await client.connect();
    await receiver.clear();
    folder = await mkdtemp(join(tmpdir(), 'postgres-zombie-'));
    const endpoint = {
      postgres: { address: `127.0.0.1:${server.port}`, database: `zombie_${databases}`, user: 'postgres' },
    };
    const tell = { url: `${receiver.url}/tell`, payloadTemplate: '{"docs": {{docs_total}}}' };
    await writeFile(
      join(folder, 'spec.json'),
      JSON.stringify({
        collections: { 'acmeCo/orders': { key: ['/id'], source: { ndjson: 'orders.ndjson' } } },
        materializations: {
          'acmeCo/views/orders': {
            endpoint,
            bindings: [{ source: 'acmeCo/orders', resource: { table: 'orders' } }],
            triggers: { config: { tell } },
          },
        },
      }),
    );
  });

  afterEach(async () => {
    // One that a failed test left behind may stand still.
    for (const { process } of runs) process.kill('SIGKILL');
    await Promise.all(runs.map(({ ended }) => ended));
    runs = [];
    await client.end();
    await rm(folder, { recursive: true });
  });

  test.each<Where>(['in the same database', 'in a file'])(
    'the one that stood still in its transaction commits nothing when it goes on, with the state %s',
    async (where) => {
      await add({ id: 1, by: 'the first run' });
      expect(await start(where).ended).toMatchObject({ exitCode: 0 });

      await add({ id: 1, by: 'both' }, { id: 2, by: 'both' });
      const zombie = await startAndFreezeInTransaction(where);
      await add({ id: 1, by: 'the other one' });
      expect(await start(where).ended).toMatchObject({ exitCode: 0 });
      const before = await rows();
      expect(before).toEqual([
        { id: '1', by: 'the other one' },
        { id: '2', by: 'both' },
      ]);

      expect(await transactions('idle in transaction', 'Client')).toBe(1);
      zombie.process.kill('SIGCONT');
      const { exitCode, events, stderr } = await zombie.ended;
      expect(exitCode, stderr).toBe(4);
      expect(events.filter(({ event }) => event === 'failed')).toMatchObject([{ code: 'ENDPOINT_FENCED' }]);
      expect(await rows()).toEqual(before);
      expect((await receiver.requests()).map(({ body }) => body)).toEqual(['{"docs": 1}', '{"docs": 3}']);
    },
  );

  /** One that stands still when its transaction has begun, and has written nothing. */
  async function startAndFreezeInTransaction(where: Where): Promise<CommandLineRun> {
    const other = new Client({ connectionString: url });
    await other.connect();
    // What it needs before it writes rows: until it is given up, the run waits in its transaction.
    await other.query('BEGIN; SELECT FROM aftercommit_table FOR UPDATE');
    const run = start(where);
    await expect.poll(() => transactions('active', 'Lock'), { timeout: 20_000, interval: 10 }).toBe(1);
    await freezeProcess(run.process);
    await other.end();
    await expect.poll(() => transactions('idle in transaction', 'Client'), { interval: 10 }).toBe(1);
    return run;
  }
});

/** How many connections of runs are in that state, and wait for that. */
async function transactions(state: string, wait: string): Promise<number> {
  const { rows: found } = await client.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND state = $1 AND wait_event_type = $2`,
    [state, wait],
  );
  return found.length;
}

async function rows(): Promise<unknown[]> {
  return (await client.query('SELECT id, by FROM orders ORDER BY id')).rows;
}

async function add(...documents: object[]): Promise<void> {
  await appendFile(
    join(folder, 'orders.ndjson'),
    documents.map((document) => `${JSON.stringify(document)}\n`).join(''),
  );
}

function start(where: Where): CommandLineRun {
  const store = where === 'in a file' ? [] : ['--store', url];
  const run = startAftercommit(['run', join(folder, 'spec.json'), '--json', ...store], { program: deafProgram });
  runs.push(run);
  return run;
}
