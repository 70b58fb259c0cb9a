import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CommandLineRun, startAftercommit } from './aftercommit-run.js';
import { WeatherSpec } from './weather-spec.js';

const task = 'aftercommit_materialization="acmeCo/views/weather"';
const dbt = `aftercommit_kind="webhook",${task},aftercommit_trigger="dbt"`;
const audit = `aftercommit_kind="webhook",${task},aftercommit_trigger="audit"`;
let receiver: Receiver;
let spec: WeatherSpec;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(async () => {
  await receiver.clear();
  spec = await WeatherSpec.create();
});
afterEach(() => spec.remove());

describe('a run with --metrics', () => {
  test('tells who collects them what it has done and what it holds, until it ends', async () => {
    await receiver.respond('/audit', [{ status: 503 }]);
    await spec.write({ dbt: hook('/dbt'), audit: { ...hook('/audit'), maxAttempts: 9, onFailure: 'park' } });
    await spec.addDays(1, 3);
    const { run, url } = await startWithMetrics();
    await receiver.waitFor(1, '/dbt');
    await receiver.waitFor(1, '/audit');
    const retried = `aftercommit_attempts_total{${withOutcome(audit, 'retry')}}`;
    const delivered = `aftercommit_attempts_total{${withOutcome(dbt, 'delivered')}}`;
    const metrics = await vi.waitUntil(async () => {
      const read = await collect(url);
      return read.has(retried) && read.has(delivered) && read;
    }, 10_000);

    expect(metrics.get(`aftercommit_sessions{${task}}`)).toBe(1);
    expect(metrics.get(`aftercommit_transactions_total{${task}}`)).toBe(1);
    expect(metrics.get(`aftercommit_documents_total{${task}}`)).toBe(3);
    expect(metrics.get(`aftercommit_document_size_bytes_total{${task}}`)).toBe(62);
    expect(metrics.get(`aftercommit_commit_duration_seconds_count{${task}}`)).toBe(1);
    expect(metrics.get(delivered)).toBe(1);
    expect(metrics.get(retried)).toBe(1);
    expect(metrics.get(`aftercommit_delivery_duration_seconds_bucket{${dbt},le="43200"}`)).toBe(1);
    expect(metrics.get(`aftercommit_pending_windows{${dbt}}`)).toBe(0);
    expect(metrics.get(`aftercommit_pending_windows{${audit}}`)).toBe(1);
    expect(metrics.get(`aftercommit_pending_age_seconds{${audit}}`)).toBeGreaterThan(0);
    expect(metrics.get(`aftercommit_parked_deliveries{${audit}}`)).toBe(0);
    expect([...metrics.keys()].join('\n')).not.toContain('s3cret');

    run.process.kill('SIGTERM');
    expect((await run.ended).exitCode).toBe(1);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('serves nothing else, and waits at its end for nobody who is connected', async () => {
    await spec.write({ dbt: hook('/dbt') });
    await spec.addDays(1, 1);
    const { run, url } = await startWithMetrics();
    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405);
    const idle = connect(Number(new URL(url).port), '127.0.0.1');
    idle.on('error', () => undefined);
    await new Promise((resolve) => idle.once('connect', resolve));
    await receiver.waitFor(1, '/dbt');
    run.process.kill('SIGTERM');
    expect((await run.ended).exitCode).toBe(0);
    idle.destroy();
  });

  test('starts nothing when something else listens there', async () => {
    const other = createServer();
    const port = await portOf(other);
    await spec.write({ dbt: hook('/dbt') });
    await spec.addDays(1, 1);
    const { exitCode, stderr, stdout } = await spec.run('--metrics', `:${port}`);
    other.close();
    expect({ exitCode, stderr, object: JSON.parse(stdout) }).toEqual({
      exitCode: 2,
      stderr: '',
      object: {
        event: 'error',
        code: 'USAGE',
        message: `Metrics cannot be served at 127.0.0.1:${port}: something else listens there. Give --metrics another host or port.`,
      },
    });
    expect(await receiver.requests()).toEqual([]);
  });
});

test('an SDK that was loaded before the program traces deliveries, and their receivers are told', async () => {
  await spec.write({ dbt: hook('/dbt') });
  await spec.addDays(1, 1);
  const env = { NODE_OPTIONS: `--import ${new URL('preloaded-sdk.mjs', import.meta.url).href}` };
  const traced = await startAftercommit(['run', spec.path, '--json'], { env }).ended;
  expect(traced).toMatchObject({ exitCode: 0, stderr: '' });
  await spec.addDays(2, 1);
  expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  const [first, second] = (await receiver.requests('/dbt')).map(({ headers }) => headers);
  expect(first?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(second).not.toHaveProperty('traceparent');
  // Also what instruments the HTTP client from outside leaves the request as it is.
  const namesOf = (headers: object | undefined): string[] => Object.keys(headers ?? {}).sort();
  expect(namesOf(first)).toEqual(namesOf({ ...second, traceparent: '' }));
  expect(first).toMatchObject({ authorization: 'Bearer s3cret', 'content-type': 'application/json' });
});

function hook(path: string): object {
  const headers = { authorization: 'Bearer s3cret' };
  return { url: `${receiver.url}${path}`, headers, payloadTemplate: '{"run": "{{run_id}}"}' };
}

/** A run that goes on until it is stopped. */
async function startWithMetrics(): Promise<{ run: CommandLineRun; url: string }> {
  let said = '';
  const args = ['run', spec.path, '--json', '--follow', '--metrics', ':0'];
  const run = startAftercommit(args, { onError: (text) => (said += text) });
  const url = await vi.waitUntil(() => /^metrics: (http\S+)\n/.exec(said)?.[1], 10_000);
  return { run, url };
}

/** Every sample of the page by its name and its labels, these in the order of their names. */
async function collect(url: string): Promise<Map<string, number>> {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', labels = '', value = ''] = /^([a-z_]+)\{(.*)\} (\S+)$/.exec(line) ?? [];
      expect(name, line).not.toBe('');
      return [`${name}{${labels.split(',').sort().join()}}`, Number(value)];
    }),
  );
}

function withOutcome(labels: string, outcome: string): string {
  return [...labels.split(','), `aftercommit_outcome="${outcome}"`].sort().join();
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
