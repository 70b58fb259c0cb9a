import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReceivedRequest, type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { runPipeline, weatherDocs } from './pipeline-run.js';

let receiver: Receiver;
let folder: string;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.stop();
});

beforeEach(async () => {
  await receiver.clear();
  folder = await mkdtemp(join(tmpdir(), 'stuck-receiver-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a receiver that fails for ever ends the run with a clear error, and the corrected URL rescues the delivery', async () => {
  await receiver.respond('/wrong', [{ status: 500, body: 'out of order' }]);
  const triggers = {
    dbt: { ...trigger('/wrong', 'dbt'), maxAttempts: 2 },
    slack: trigger('/slack', 'slack'),
  };

  const failed = await run({ config: triggers });

  expect(failed.exitCode).toBe(1);
  expect(failed.errors).toContain('Trigger "dbt" could not deliver run ');
  expect(failed.errors).toContain('failed after 2 attempts');
  expect(failed.errors).toContain('HTTP 500');
  expect(failed.errors).toContain('out of order');
  expect(await runsAt('/wrong')).toHaveLength(1);

  const rescued = await run({ config: { ...triggers, dbt: { ...trigger('/right', 'dbt') } } });

  expect(rescued).toEqual({ exitCode: 0, errors: '' });
  const stuck = (await receiver.requests('/wrong'))[0];
  const first = (await receiver.requests('/right'))[0];
  expect(first?.idempotencyKey).toBe(stuck?.idempotencyKey);
  expect(first?.body).toBe(stuck?.body);
  await expectAllOnce('/right', '/slack');
});

test('an unnamed trigger is rescued by its corrected URL too', async () => {
  await receiver.respond('/wrong', [{ status: 404 }]);

  expect((await run({ config: [trigger('/wrong', 'a'), trigger('/slack', 'b')] })).errors).toContain('was rejected');
  expect(await run({ config: [trigger('/right', 'a'), trigger('/slack', 'b')] })).toEqual({ exitCode: 0, errors: '' });

  await expectAllOnce('/right', '/slack');
});

test('of three triggers only the one that failed fires again', async () => {
  await receiver.respond('/b', [{ status: 400 }, { status: 200 }]);
  const config = ['/a', '/b', '/c'].map((path) => trigger(path, path));

  expect((await run({ config })).exitCode).toBe(1);
  expect((await run({ config })).exitCode).toBe(0);

  await expectAllOnce('/a', '/c');
  expect(await receiver.requests('/b')).toHaveLength((await runsAt('/b')).length + 1);
  expect(await documentsAt('/b')).toBe(weatherDocs);
});

test('two unnamed triggers on one URL keep their deliveries apart when they are swapped', async () => {
  await receiver.respond('/hook', [{ status: 400 }, { status: 400 }, { status: 200 }]);
  const [first, second] = [trigger('/hook', 'first'), trigger('/hook', 'second')];

  await run({ config: [first, second] });
  const stuck = keysByLabel(await receiver.requests('/hook'));
  expect(Object.keys(stuck).sort()).toEqual(['first', 'second']);
  expect(await run({ config: [second, first] })).toEqual({ exitCode: 0, errors: '' });

  const [, , ...later] = await receiver.requests('/hook');
  expect(keysByLabel(later.slice(0, 2))).toEqual(stuck);
  for (const label of ['first', 'second']) {
    expect(documents(later.filter(({ body }) => JSON.parse(body).label === label))).toBe(weatherDocs);
  }
});

test('the deliveries of a removed trigger go to nobody, and go on when it returns', async () => {
  await receiver.respond('/hook', [{ status: 400 }, { status: 400 }, { status: 200 }]);
  const [first, second] = [trigger('/hook', 'first'), trigger('/hook', 'second')];

  await run({ config: [first, second] });
  const without = await run({ config: [second] });

  expect(without.exitCode).toBe(0);
  expect(without.errors).toMatch(/outbox "webhook-127\.0\.0\.1-.*" holds 1 undelivered window/);
  const afterwards = (await receiver.requests('/hook')).slice(2);
  expect(afterwards.every(({ body }) => JSON.parse(body).label === 'second')).toBe(true);
  expect(documents(afterwards)).toBe(weatherDocs);

  expect(await run({ config: [first, second] })).toEqual({ exitCode: 0, errors: '' });
  const returned = (await receiver.requests('/hook')).slice(2 + afterwards.length);
  expect(returned.map(({ body }) => JSON.parse(body).label)).toEqual(['first']);
});

test('a list that becomes a map keeps every delivery', async () => {
  await receiver.respond('/hook', [{ status: 400 }, { status: 400 }, { status: 200 }]);
  const [first, second] = [trigger('/hook', 'first'), trigger('/hook', 'second')];

  await run({ config: [first, second] });
  const stuck = keysByLabel(await receiver.requests('/hook'));
  expect(await run({ config: { beta: second, alpha: first } })).toEqual({ exitCode: 0, errors: '' });

  const [, , ...later] = await receiver.requests('/hook');
  expect(keysByLabel(later.slice(0, 2))).toEqual(stuck);
  for (const label of ['first', 'second']) {
    expect(documents(later.filter(({ body }) => JSON.parse(body).label === label))).toBe(weatherDocs);
  }
});

test('a configuration with mistakes names each of them, and nothing is fired', async () => {
  const config = { dbt: { url: `${receiver.url}/dbt`, paylodTemplate: '{}', timeout: '30' } };

  const { exitCode, errors } = await run({ config });

  expect(exitCode).toBe(1);
  expect(errors).toContain('did you mean "payloadTemplate"?');
  expect(errors).toContain('"30" has no unit');
  expect(await receiver.requests()).toEqual([]);
});

function trigger(path: string, label: string): { url: string; payloadTemplate: string } {
  const payloadTemplate = `{"label": "${label}", "run": "{{run_id}}", "docs": {{docs_total}}}`;
  return { url: `${receiver.url}${path}`, payloadTemplate };
}

async function run(config: object): Promise<{ exitCode: number | null; errors: string }> {
  const triggers = join(folder, 'triggers.json');
  await writeFile(triggers, JSON.stringify(config));
  return await runPipeline({ database: join(folder, 'pipeline.db'), triggers, docs: 500 }).ended;
}

async function expectAllOnce(...paths: string[]): Promise<void> {
  for (const path of paths) {
    const requests = await receiver.requests(path);
    expect(requests, path).toHaveLength(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size);
    expect(documents(requests), path).toBe(weatherDocs);
  }
}

async function runsAt(path: string): Promise<string[]> {
  return [...new Set((await receiver.requests(path)).map(({ body }): string => JSON.parse(body).run))];
}

async function documentsAt(path: string): Promise<number> {
  return documents(await receiver.requests(path));
}

function documents(requests: ReceivedRequest[]): number {
  const byRun = new Map(requests.map(({ body }): [string, number] => [JSON.parse(body).run, JSON.parse(body).docs]));
  return [...byRun.values()].reduce((sum, docs) => sum + docs, 0);
}

function keysByLabel(requests: ReceivedRequest[]): Record<string, string | undefined> {
  return Object.fromEntries(requests.map(({ body, idempotencyKey }) => [JSON.parse(body).label, idempotencyKey]));
}
