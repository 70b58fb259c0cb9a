import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PassThrough } from 'node:stream';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CollectedText, type TestIo, testIo } from '../../test/command-line-bench.js';
import { weatherLines, writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

let receiver: Receiver;
let folder: string;
let io: TestIo;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.stop();
});

beforeEach(async () => {
  await receiver.clear();
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-cli-'));
  io = testIo(folder);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): Promise<number> {
  return runCommandLine(['run', 'weather.yaml', ...args], io);
}

/** A new command line in the same folder, as the next run has it. */
async function runAgain(...args: string[]): Promise<number> {
  io = testIo(folder);
  return await run(...args);
}

function hook(name: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, url: `${receiver.url}/${name}`, ...fields };
}

function rows(table = 'weather', file = 'weather.db'): number {
  const database = new Database(join(folder, file), { readonly: true });
  try {
    return Number(database.prepare(`SELECT count(*) FROM "${table}"`).pluck().get());
  } finally {
    database.close();
  }
}

function append(days: number, from: number): void {
  appendFileSync(join(folder, 'weather.ndjson'), weatherLines(days, from));
}

const other = `  acmeCo/views/other:
    endpoint: { sqlite: { path: other.db } }
    bindings: [{ source: acmeCo/weather, resource: { table: weather } }]
`;

describe('a run', () => {
  test('keeps the table up to date, delivers every transaction, and goes on where the last one ended', async () => {
    writeWeather(folder, { triggers: [hook('dbt')] });
    expect(await run()).toBe(0);
    expect(rows()).toBe(10);
    const bodies = (await receiver.requests('/dbt')).map(({ body }) => body);
    expect(bodies).toEqual(['{"docs":4}', '{"docs":4}', '{"docs":2}']);
    expect(io.stdout.lines[0]).toContain('acmeCo/views/weather: opened, begins at the start of its sources');
    expect(io.stdout.lines.at(-1)).toContain('acmeCo/views/weather: done: 10 documents, 3 transactions, 3 deliveries');
    expect(io.stderr.text).toBe('');

    append(1, 10);
    expect(await runAgain()).toBe(0);
    expect(rows()).toBe(11);
    expect(await receiver.requests('/dbt')).toHaveLength(4);
    expect(io.stdout.text).toContain('opened, goes on after the last commit');
  });

  test('keeps its state beside the spec, or where it is told to', async () => {
    writeWeather(folder);
    expect(await run()).toBe(0);
    expect(existsSync(join(folder, '.aftercommit', 'state.db'))).toBe(true);
    rmSync(join(folder, '.aftercommit'), { recursive: true });
    rmSync(join(folder, 'weather.db'));
    expect(await runAgain('--state', 'own.db')).toBe(0);
    expect(existsSync(join(folder, 'own.db'))).toBe(true);
    expect(existsSync(join(folder, '.aftercommit'))).toBe(false);
  });

  test('reads standard input', async () => {
    writeWeather(folder, { source: '-' });
    (io.stdin as PassThrough).end(weatherLines(5));
    expect(await run()).toBe(0);
    expect(rows()).toBe(5);
    expect(io.stdin.destroyed).toBe(true);
  });

  test('reads standard input once for two tables, also when one was added later', async () => {
    writeWeather(folder, { source: '-' });
    (io.stdin as PassThrough).end(weatherLines(5));
    expect(await run()).toBe(0);
    const spec = readFileSync(join(folder, 'weather.yaml'), 'utf8');
    const more = '}, { source: acmeCo/weather, resource: { table: weather2 } }]';
    writeFileSync(join(folder, 'weather.yaml'), spec.replace('}]\n', `${more}\n`));
    io = testIo(folder);
    (io.stdin as PassThrough).end(weatherLines(3, 5));
    expect(await run()).toBe(0);
    expect([rows('weather'), rows('weather2')]).toEqual([8, 3]);
  });

  test('names what waits for its interval, and ends well', async () => {
    writeWeather(folder, { triggers: [hook('slack', { interval: '10m' })] });
    expect(await run()).toBe(0);
    expect(await receiver.requests('/slack')).toHaveLength(1);
    expect(io.stdout.lines.at(-1)).toMatch(
      /slack waits for its interval: \d windows?, due at .*\(in (9 m \d+ s|10 m)\); the first run after that delivers (it|them)$/,
    );
  });

  test('waits for the interval where that is wanted', async () => {
    writeWeather(folder, { triggers: [hook('slack', { interval: '1s' })] });
    expect(await run('--drain')).toBe(0);
    const bodies = (await receiver.requests('/slack')).map(({ body }) => (JSON.parse(body) as { docs: number }).docs);
    expect(bodies.reduce((sum, docs) => sum + docs, 0)).toBe(10);
    expect(io.stdout.text).not.toContain('waits for its interval');
  });

  test('goes on behind what it parks, and ends with a code of its own until somebody has looked after it', async () => {
    await receiver.respond('/dbt', [{ status: 400 }, { status: 200 }]);
    writeWeather(folder, { triggers: [hook('dbt', { onFailure: 'park' })] });
    expect(await run()).toBe(3);
    expect(rows()).toBe(10);
    expect(io.stdout.text).toContain('dbt: parked run ');
    expect(io.stdout.lines.at(-1)).toContain('dbt has 1 parked delivery: see aftercommit parked list weather.yaml');
    expect(await runAgain('--json')).toBe(3);
    expect(io.stdout.objects.at(-1)).toMatchObject({ event: 'ended', parked: { dbt: 1 }, stuck: [] });
  });

  test('waits out nothing that an earlier run stored where that is wanted', async () => {
    await receiver.respond('/dbt', [{ status: 503, headers: { 'retry-after': '600' } }, { status: 200 }]);
    writeWeather(folder, { triggers: [hook('dbt', { maxAttempts: 1 })] });
    expect(await run()).toBe(1);
    expect(await runAgain('--retry-now')).toBe(0);
  });

  test('has no more attempts in flight than it may', async () => {
    const slow = { status: 200, delayMs: 30 };
    for (const path of ['/a', '/b', '/c']) await receiver.respond(path, [slow]);
    writeWeather(folder, { triggers: ['a', 'b', 'c'].map((name) => hook(name)) });
    expect(await run('--concurrency', '1')).toBe(0);
    // Each is answered after 30 ms: the next one comes no earlier.
    const moments = (await receiver.requests()).map(({ at }) => at).sort((one, other) => one - other);
    const gaps = moments.slice(1).map((at, index) => at - (moments[index] ?? 0));
    expect(gaps).toHaveLength(8);
    expect(Math.min(...gaps)).toBeGreaterThan(20);
  });

  test('shows lines that are written over on a terminal, and leaves the last ones', async () => {
    writeWeather(folder, { triggers: [hook('dbt')] });
    io = testIo(folder, { isTTY: true, env: { NO_COLOR: '1' } });
    expect(await run()).toBe(0);
    expect(io.stdout.text).toContain('● acmeCo/views/weather');
    const last = '✓ acmeCo/views/weather  10 documents  3 transactions  3 deliveries  done\n';
    expect(io.stdout.text.endsWith(last)).toBe(true);
  });

  test.each([{ CI: 'true' }, { TERM: 'dumb' }])('writes plain lines on a terminal with %j', async (env) => {
    writeWeather(folder);
    io = testIo(folder, { isTTY: true, env });
    expect(await run()).toBe(0);
    expect(io.stdout.text).not.toContain('\u001B');
    expect(io.stdout.text).toContain('acmeCo/views/weather: done: ');
  });
});

describe('with --json', () => {
  test('standard output is the events, and nothing else', async () => {
    writeWeather(folder, { triggers: [hook('dbt')], days: 4 });
    expect(await run('--json')).toBe(0);
    const events = io.stdout.objects;
    expect(events.map(({ event }) => event)).toEqual(['opened', 'committed', 'attempt', 'delivered', 'ended']);
    for (const event of events) {
      expect(Object.keys(event).slice(0, 3)).toEqual(['event', 'at', 'materialization']);
      expect(event['materialization']).toBe('acmeCo/views/weather');
    }
  });

  test('a state that cannot be opened is an event, too', async () => {
    writeWeather(folder);
    writeFileSync(join(folder, 'own.db'), 'this is no database, but a text that is longer than a header of one');
    expect(await run('--json', '--state', 'own.db')).toBe(1);
    expect(io.stdout.objects).toEqual([
      expect.objectContaining({
        event: 'failed',
        materialization: 'acmeCo/views/weather',
        code: 'STORE_CORRUPT',
        reason: expect.stringContaining('own.db'),
      }),
    ]);
  });

  test('warnings go to standard error', async () => {
    writeWeather(folder, { triggers: [hook('dbt', { maxAttempts: 0 })] });
    expect(await run('--json')).toBe(0);
    expect(io.stderr.text).toMatch(/^weather\.yaml:\d+:\d+ +warning /);
  });
});

describe('a spec that cannot be run', () => {
  test('is refused with every error, and opens nothing', async () => {
    writeWeather(folder, { triggers: [{ name: 'dbt', url: 'no url', mehtod: 'PUT' }] });
    expect(await run()).toBe(2);
    expect(io.stderr.text).toContain('CONFIG_UNKNOWN_FIELD');
    expect(io.stderr.lines.at(-1)).toMatch(/^weather\.yaml: \d errors$/);
    expect(io.stdout.text).toBe('');
    expect(existsSync(join(folder, '.aftercommit'))).toBe(false);
  });

  test('is refused with an object for every error where a program reads', async () => {
    writeWeather(folder, { triggers: [{ name: 'dbt', url: 'no url', mehtod: 'PUT' }] });
    expect(await run('--json')).toBe(2);
    expect(io.stderr.text).toBe('');
    expect(io.stdout.objects).toContainEqual(
      expect.objectContaining({ event: 'issue', file: 'weather.yaml', code: 'CONFIG_UNKNOWN_FIELD' }),
    );
    expect(io.stdout.objects.at(-1)).toEqual({
      event: 'error',
      code: 'SPEC_INVALID',
      message: expect.stringMatching(/^weather\.yaml: \d errors$/),
    });
  });

  test('names every image that has no connector, and starts none of the others', async () => {
    const image = (name: string): string =>
      `  acmeCo/views/${name}:
    endpoint: { connector: { image: 'ghcr.io/acme/${name}:v1', config: {} } }
    bindings: [{ source: acmeCo/weather, resource: { table: weather } }]
`;
    writeWeather(folder, { more: image('one') + image('two') });
    expect(await run()).toBe(2);
    expect(io.stderr.lines).toEqual([
      expect.stringMatching(
        /^acmeCo\/views\/one: no connector for ghcr\.io\/acme\/one:v1 is installed; it can run: sqlite, postgres\./,
      ),
      expect.stringContaining('acmeCo/views/two: no connector for ghcr.io/acme/two:v1'),
    ]);
    expect(existsSync(join(folder, 'weather.db'))).toBe(false);
  });

  test('names what is disabled, and runs the rest', async () => {
    writeWeather(folder, { more: `${other}    shards: { disable: true }\n` });
    expect(await run()).toBe(0);
    expect(io.stderr.text).toBe('acmeCo/views/other: is disabled (shards.disable) and left out.\n');
    expect(rows()).toBe(10);
    expect(existsSync(join(folder, 'other.db'))).toBe(false);
  });

  test('says when there is nothing to run', async () => {
    writeWeather(folder, { more: '    shards: { disable: true }\n' });
    expect(await run()).toBe(2);
    expect(io.stderr.lines.at(-1)).toContain('weather.yaml has nothing to run');
    expect(existsSync(join(folder, '.aftercommit'))).toBe(false);
  });

  test('says when there is no folder for its state', async () => {
    writeWeather(folder);
    expect(await run('--state', 'none/own.db')).toBe(2);
    expect(io.stderr.text).toContain('--state none/own.db: there is no folder');
    expect(existsSync(join(folder, 'weather.db'))).toBe(false);
  });
});

describe('a failure', () => {
  test('does not stop the others', async () => {
    await receiver.respond('/dbt', [{ status: 400, body: 'no such job' }]);
    writeWeather(folder, { triggers: [hook('dbt')], more: other });
    expect(await run()).toBe(1);
    expect(io.stdout.text).toContain('acmeCo/views/weather: dbt: attempt 1 was rejected: ');
    expect(io.stderr.text).toContain('acmeCo/views/weather: failed: DELIVERY_REJECTED: ');
    expect(io.stdout.text).toContain('acmeCo/views/other: done: 10 documents');
    expect(rows('weather', 'other.db')).toBe(10);
  });

  test('is made good by the next run', async () => {
    await receiver.respond('/dbt', [{ status: 400 }, { status: 200 }]);
    writeWeather(folder, { triggers: [hook('dbt')] });
    expect(await run()).toBe(1);
    expect(await runAgain()).toBe(0);
    expect(io.stdout.text).toContain('dbt has 1 window left over from an earlier run');
    const keys = (await receiver.requests('/dbt')).map(({ idempotencyKey }) => idempotencyKey);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(3);
  });

  test('of a state that was replaced says how to go on, and does', async () => {
    writeWeather(folder);
    const state = join(folder, '.aftercommit', 'state.db');
    expect(await run()).toBe(0);
    copyFileSync(state, join(folder, 'old.db'));
    for (const day of [10, 11]) {
      append(1, day);
      expect(await runAgain()).toBe(0);
    }
    copyFileSync(join(folder, 'old.db'), state);
    expect(await runAgain()).toBe(1);
    expect(io.stderr.text).toContain('failed: CHECKPOINT_DIVERGED: ');
    expect(io.stderr.text).toContain(
      'If the endpoint is right as it is: aftercommit run weather.yaml --accept-endpoint\n',
    );
    expect(await runAgain('--accept-endpoint')).toBe(0);
    append(1, 12);
    expect(await runAgain()).toBe(0);
    expect(rows()).toBe(13);
  });

  test('of a file that is not as it was is made good by what its message advises', async () => {
    writeWeather(folder);
    expect(await run()).toBe(0);
    writeFileSync(join(folder, 'weather.ndjson'), weatherLines(7, 100));
    expect(await runAgain()).toBe(1);
    expect(io.stderr.text).toContain('failed: SOURCE_CHANGED: ');
    expect(io.stderr.text).toContain('or bind the collection to another table');
    const spec = readFileSync(join(folder, 'weather.yaml'), 'utf8');
    writeFileSync(join(folder, 'weather.yaml'), spec.replace('{ table: weather }', '{ table: weather2 }'));
    expect(await runAgain()).toBe(0);
    expect([rows('weather'), rows('weather2')]).toEqual([10, 7]);
  });

  test('suggests the command as it was given', async () => {
    writeWeather(folder);
    const state = join(folder, 'own state.db');
    expect(await run('--state', 'own state.db')).toBe(0);
    rmSync(join(folder, 'weather.db'));
    expect(await runAgain('--state', state, '--follow')).toBe(1);
    expect(io.stderr.text).toContain(`aftercommit run weather.yaml --state '${state}' --follow --accept-endpoint\n`);
  });

  test('quotes nothing of a secret in its own words', async () => {
    writeWeather(folder, { triggers: [hook('dbt', { url: `${receiver.url}/weather`, headers: { 'X-Count': '1' } })] });
    writeFileSync(join(folder, 'weather.ndjson'), '{"date"\n');
    expect(await run('--json')).toBe(1);
    expect(io.stdout.text).toContain('weather.ndjson:1:8: ');
    expect(io.stdout.text + io.stderr.text).not.toContain('[redacted]');
  });

  test('because another run began is told apart', async () => {
    writeWeather(folder);
    const first = testIo(folder);
    const running = runCommandLine(['run', 'weather.yaml', '--follow', '--json'], first);
    await first.stdout.until('"committed"');
    expect(await runAgain()).toBe(0);
    append(1, 10);
    expect(await running).toBe(4);
    expect(first.stdout.objects).toContainEqual(
      expect.objectContaining({ event: 'failed', code: expect.stringMatching(/^(STORE|ENDPOINT)_FENCED$/) }),
    );
  });
});

describe('a signal', () => {
  test('ends a run that follows its files, and nothing is left', async () => {
    writeWeather(folder, { triggers: [hook('dbt')] });
    const running = run('--follow', '--json');
    await receiver.waitFor(3, '/dbt');
    append(1, 10);
    await receiver.waitFor(4, '/dbt');
    await io.stdout.until('"docs":1');
    io.send('SIGTERM');
    expect(await running).toBe(0);
    expect(io.stderr.text).toBe('stopping: waits for attempts in flight\n');
    expect(io.stdout.objects.at(-1)).toMatchObject({ event: 'ended' });
    expect(io.exits).toEqual([]);
    expect(io.listening).toBe(0);
  });

  test('that leaves something due makes it a failure, and the last line says what', async () => {
    await receiver.respond('/dbt', [{ status: 503 }]);
    writeWeather(folder, { triggers: [hook('dbt')] });
    const running = run();
    await io.stdout.until('attempt 1 failed');
    io.send('SIGINT');
    expect(await running).toBe(1);
    expect(io.stdout.text).toContain('acmeCo/views/weather: stopped: ');
    expect(io.stdout.lines.at(-1)).toMatch(/dbt has \d windows? left, last attempt: .*503.*; the next run tries again/);
  });

  test.each([
    ['SIGINT', true, '; press Ctrl-C again to stop at once'],
    ['SIGTERM', true, ''],
    ['SIGINT', false, ''],
  ] as const)('names the keys only to who has them: %s, on a terminal: %s', async (signal, isTTY, keys) => {
    writeWeather(folder);
    io = testIo(folder, { isTTY, env: { NO_COLOR: '1' } });
    const running = run('--follow', '--json');
    await io.stdout.until('"committed"');
    io.send(signal);
    expect(await running).toBe(0);
    expect(io.stderr.text).toBe(`stopping: waits for attempts in flight${keys}\n`);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('that comes twice (%s) ends the process at once', async (signal, exitCode) => {
    const own = await startReceiver();
    await own.respond('/dbt', [{ hang: true }]);
    writeWeather(folder, { triggers: [{ name: 'dbt', url: `${own.url}/dbt` }] });
    const running = run('--json');
    await own.waitFor(1);
    io.send('SIGINT');
    expect(io.exits).toEqual([]);
    io.send(signal);
    expect(io.exits).toEqual([exitCode]);
    await own.stop();
    expect(await running).toBe(1);
  });
});

test('a reader that goes away ends a run that would go on for ever', async () => {
  writeWeather(folder);
  const closed = new CollectedText();
  closed._write = (_chunk, _encoding, done: (error?: Error) => void) =>
    done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  const running = runCommandLine(['run', 'weather.yaml', '--follow'], { ...io, stdout: closed });
  expect(await running).toBe(0);
  expect(io.stderr.text).toBe('');
});

test('a program may stand between a run and its store', async () => {
  writeWeather(folder);
  const opened: string[] = [];
  const exitCode = await runCommandLine(['run', 'weather.yaml'], io, ({ store, ...options }) => ({
    ...options,
    store: {
      supports: store.supports,
      tasks: () => store.tasks(),
      read: (task) => store.read(task),
      request: (task, value) => store.request(task, value),
      close: () => store.close(),
      open: async (task, owner) => {
        opened.push(task);
        return await store.open(task, owner);
      },
    },
  }));
  expect([exitCode, opened]).toEqual([0, ['acmeCo/views/weather']]);
});

test('a header is shown nowhere', async () => {
  const secret = 'Bearer 0f1e2d3c4b5a';
  await receiver.respond('/dbt', [{ status: 400, body: `you sent ${secret}` }]);
  writeWeather(folder, { triggers: [hook('dbt', { headers: { Authorization: secret } })] });
  expect(await run()).toBe(1);
  expect(io.stdout.text + io.stderr.text).not.toContain('0f1e2d3c4b5a');
  expect(readFileSync(join(folder, 'weather.yaml'), 'utf8')).toContain('0f1e2d3c4b5a');
});
