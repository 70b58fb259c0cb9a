import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { auditTask } from '@aftercommit/persistence/audit';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleProgram } from './bundle-program.js';
import { weatherData, weatherDocs } from './pipeline-run.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

const docsPerTransaction = 60;

describe.skipIf(missingPostgres !== undefined)('the example pipeline on PostgreSQL', () => {
  let server: PostgresServer;
  let receiver: Receiver;
  let folder: string;
  let program: string;

  beforeAll(async () => {
    [server, receiver, program] = await Promise.all([
      startPostgres(),
      startReceiver(),
      bundleProgram('examples/embed-in-postgres/src/pipeline.ts', 'embed-in-postgres'),
    ]);
    folder = await mkdtemp(join(tmpdir(), 'embed-in-postgres-'));
    const payloadTemplate = '{"run": "{{run_id}}", "docs": {{docs_total}}}';
    const config = { slack: { url: `${receiver.url}/slack`, payloadTemplate, maxAttempts: 5 } };
    await writeFile(join(folder, 'triggers.json'), JSON.stringify({ config }));
  });

  afterAll(async () => {
    await Promise.all([server.stop(), receiver.stop(), rm(folder, { recursive: true })]);
  });

  test('goes on after it, or the server, was killed: every row is there, and every commit was delivered', async () => {
    expect(await runAndAfter(5, (kill) => kill())).toBe('killed');
    const message = await runAndAfter(5, async () => {
      await server.kill();
      await server.start();
    });
    expect(message).toMatch(/broke|Cannot|committed or not/);
    expect(await runAndAfter(Number.POSITIVE_INFINITY)).toBe('');

    const docs = new Map<string, number>();
    for (const { body } of await receiver.requests()) {
      const { run, docs: count }: { run: string; docs: number } = JSON.parse(body);
      docs.set(run, count);
    }
    expect([...docs.values()].reduce((sum, count) => sum + count, 0)).toBe(weatherDocs);
    const database = new Client({ connectionString: server.url });
    await database.connect();
    expect((await database.query('SELECT count(*)::integer AS rows FROM weather')).rows).toEqual([
      { rows: weatherDocs },
    ]);
    await database.end();
    const store = await PostgresStore.open(server.url);
    const { commits, inconsistencies } = auditTask(await store.read('acmeCo/views/weather'));
    await store.close();
    expect(inconsistencies).toEqual([]);
    expect(commits.length).toBe(Math.ceil(weatherDocs / docsPerTransaction));
  });

  /** Does something after so many events; returns what the pipeline wrote to its standard error. */
  async function runAndAfter(events: number, act: (kill: () => void) => unknown = () => undefined): Promise<string> {
    const args = [
      '--data',
      weatherData,
      '--triggers',
      join(folder, 'triggers.json'),
      '--docs',
      String(docsPerTransaction),
    ];
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, DATABASE_URL: server.url } });
    let seen = 0;
    let acting: unknown;
    createInterface({ input: child.stdout }).on('line', () => {
      seen += 1;
      if (seen === events) acting = act(() => child.kill('SIGKILL'));
    });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => {
      errors += text.toString();
    });
    const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
    await acting;
    return exitCode === null ? 'killed' : errors;
  }
});
