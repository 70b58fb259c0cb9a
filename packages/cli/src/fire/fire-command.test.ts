import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReceivedRequest, type Receiver, startReceiver } from '@aftercommit/testkit';
import { verifyWebhook } from '@aftercommit/webhook/verify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { identity, recipient } from '../../test/sealing.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';

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
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-fire-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

type Ended = TestIo & { exitCode: number };

async function command(args: string[], options: Partial<CommandLineIo> & { isTTY?: boolean } = {}): Promise<Ended> {
  const io = testIo(folder, options);
  const exitCode = await runCommandLine(args, io);
  return Object.assign(io, { exitCode });
}

function fire(...args: string[]): Promise<Ended> {
  return command(['fire', 'weather.yaml', ...args]);
}

function hook(name: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, url: `${receiver.url}/${name}`, ...fields };
}

/** What is printed, without what is another in every run. */
function steady({ stdout }: TestIo): string[] {
  return stdout.lines.map((line) =>
    line
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'RUN')
      .replaceAll(/in (?:\d+ms|\d+s( \d+ms)?)/g, 'in TIME')
      .replaceAll(/test_[0-9a-f]{32}/g, 'test_KEY')
      .replaceAll(receiver.url, 'http://receiver'),
  );
}

/** A request without what says of which attempt it is. */
function withoutMarks({ method, path, headers, rawBody }: ReceivedRequest): Record<string, unknown> {
  const {
    'webhook-id': _id,
    'webhook-timestamp': _timestamp,
    'webhook-signature': _signature,
    'aftercommit-epoch': _epoch,
    'aftercommit-test': _test,
    ...others
  } = headers;
  return { method, path, headers: others, body: Buffer.from(rawBody).toString() };
}

describe('a test', () => {
  test('is the request of a delivery in earnest, with a mark', async () => {
    const signingKeys = [`whsec_${Buffer.alloc(32, 7).toString('base64')}`];
    const headers = { Authorization: 'Bearer tok-of-slack' };
    writeWeather(folder, { days: 3, triggers: [hook('slack', { method: 'PUT', signingKeys, headers })] });
    await command(['run', 'weather.yaml']);
    const state = readFileSync(join(folder, '.aftercommit', 'state.db'));
    const fired = await fire();
    expect([fired.exitCode, fired.stderr.text]).toEqual([0, '']);
    expect(steady(fired)).toEqual([
      'acmeCo/views/weather: 1 test, of the last commit, run RUN',
      'acmeCo/views/weather: slack: delivered in TIME: HTTP 200 from http://receiver (test_KEY)',
    ]);
    expect(readFileSync(join(folder, '.aftercommit', 'state.db'))).toEqual(state);

    const [earnest, marked, ...more] = await receiver.requests();
    if (earnest === undefined || marked === undefined) throw new Error('Both have to arrive.');
    expect(more).toEqual([]);
    expect(withoutMarks(marked)).toEqual(withoutMarks(earnest));
    expect(earnest.headers).not.toHaveProperty('aftercommit-test');
    expect(earnest.headers['webhook-id']).toMatch(/^msg_/);
    expect(marked.headers).toMatchObject({
      'webhook-id': expect.stringMatching(/^test_[0-9a-f]{32}$/),
      'aftercommit-epoch': '0',
      'aftercommit-test': 'true',
    });
    expect(verifyWebhook({ headers: marked.headers, body: marked.rawBody, keys: signingKeys })).toMatchObject({
      idempotencyKey: marked.headers['webhook-id'],
      epoch: 0n,
    });
  });

  test('has a key of its own each time', async () => {
    writeWeather(folder, { triggers: [hook('slack'), hook('dbt')] });
    await fire();
    await fire();
    const ids = (await receiver.requests()).map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(4);
  });

  test('is made of a placeholder before anything was committed, and makes no state', async () => {
    writeWeather(folder, { triggers: [hook('slack', { payloadTemplate: '{{json collection_names}}' })] });
    const fired = await fire();
    expect(fired.exitCode).toBe(0);
    expect(fired.stderr.text).toMatch(
      /^There is no state .*: weather\.yaml was never run, or with another --state\.\n$/,
    );
    expect(steady(fired)[0]).toBe(
      'acmeCo/views/weather: 1 test, of a placeholder, because no commit with documents is known',
    );
    expect((await receiver.requests()).map(({ body }) => body)).toEqual(['["acmeCo/weather"]']);
    expect(existsSync(join(folder, '.aftercommit'))).toBe(false);
  });

  test('is made of the variables that a person gives', async () => {
    writeWeather(folder, { triggers: [hook('slack')] });
    writeFileSync(join(folder, 'window.json'), '{"docs_total": 70}');
    const fired = await fire('--window', 'window.json');
    expect([fired.exitCode, fired.stderr.text]).toEqual([0, '']);
    expect((await receiver.requests()).map(({ body }) => body)).toEqual(['{"docs":70}']);
  });

  test('waits for no interval, and starts none', async () => {
    writeWeather(folder, { days: 1, triggers: [hook('slack', { interval: '1h' })] });
    await command(['run', 'weather.yaml']);
    expect((await fire()).exitCode).toBe(0);
    expect((await receiver.requests()).map(({ headers }) => headers['aftercommit-test'])).toEqual([undefined, 'true']);
  });

  test('is made for a materialization that is disabled, which is said', async () => {
    writeWeather(folder, { triggers: [hook('slack')], more: '    shards: { disable: true }\n' });
    const fired = await fire();
    expect(fired.exitCode).toBe(0);
    expect(fired.stderr.text).toContain(
      'acmeCo/views/weather: is disabled (shards.disable), and fired all the same.\n',
    );
    expect(await receiver.requests()).toHaveLength(1);
  });
});

describe('what the receiver answers', () => {
  test('is said of each, once, and one failure is a failure', async () => {
    await receiver.respond('/dbt', [{ status: 503, body: 'busy, Bearer tok-of-dbt' }]);
    await receiver.respond('/old', [{ status: 401 }]);
    const headers = { Authorization: 'Bearer tok-of-dbt' };
    writeWeather(folder, { triggers: [hook('slack'), hook('dbt', { headers, maxAttempts: 3 }), hook('old')] });
    const fired = await fire();
    expect(fired.exitCode).toBe(1);
    expect(steady(fired).slice(1).toSorted()).toEqual([
      'acmeCo/views/weather: dbt: failed in TIME, and may work later: HTTP 503 from http://receiver: "busy, [redacted]" (test_KEY)',
      'acmeCo/views/weather: old: rejected in TIME: HTTP 401 from http://receiver (test_KEY)',
      'acmeCo/views/weather: slack: delivered in TIME: HTTP 200 from http://receiver (test_KEY)',
    ]);
    expect(await receiver.requests()).toHaveLength(3);
  });

  test('stays on one line, without control characters, whatever a kind says and logs', async () => {
    writeFileSync(
      join(folder, 'kind.mjs'),
      `export const odd = {
        contractVersion: 1,
        kind: 'odd',
        configSchema: { type: 'object', title: 'Odd', description: 'Odd.', properties: {} },
        defaultPayloadTemplate: '{}',
        describeTarget: () => 'odd://there',
        async open(config, { logger }) {
          logger.info('first\\nsecond\\u001b[31m');
          return { attempt: async () => ({ outcome: 'delivered', answer: 'one\\ntwo\\u001b[31m' }) };
        },
      };\n`,
    );
    writeWeather(folder, { triggers: [{ name: 'odd', kind: 'odd' }] });
    const { stdout, stderr } = await fire('--plugin', './kind.mjs');
    expect(stdout.lines).toEqual([expect.any(String), expect.stringContaining('one two')]);
    expect(stderr.lines.at(-1)).toContain('odd: first second');
    expect(stdout.text + stderr.text).not.toContain('\u001b');
  });

  test('is an object per attempt for programs', async () => {
    await receiver.respond('/dbt', [{ status: 401 }]);
    writeWeather(folder, { triggers: [hook('slack'), hook('dbt')] });
    const { stdout, exitCode } = await fire('--json', '--concurrency', '1');
    const test = {
      event: 'test',
      materialization: 'acmeCo/views/weather',
      kind: 'webhook',
      target: receiver.url,
      runId: expect.stringMatching(/\.\d{6}Z$/),
      idempotencyKey: expect.stringMatching(/^test_[0-9a-f]{32}$/),
      durationMs: expect.any(Number),
    };
    expect([exitCode, stdout.objects]).toEqual([
      1,
      [
        { ...test, trigger: 'slack', outcome: 'delivered', answer: `HTTP 200 from ${receiver.url}`, reason: null },
        { ...test, trigger: 'dbt', outcome: 'rejected', answer: null, reason: `HTTP 401 from ${receiver.url}` },
      ],
    ]);
  });

  test('is coloured on a terminal alone', async () => {
    writeWeather(folder, { triggers: [hook('slack')] });
    const onTerminal = await command(['fire', 'weather.yaml'], { isTTY: true });
    expect(onTerminal.stdout.text).toContain('\u001b[32mdelivered\u001b[39m');
    const plain = await command(['fire', 'weather.yaml'], { isTTY: true, env: { NO_COLOR: '1' } });
    expect(plain.stdout.text).not.toContain('\u001b');
  });

  test('is not asked for where the payload cannot be made', async () => {
    const payloadTemplate = '{{#if (eq docs_total 3)}}three{{else}}1{{/if}}';
    writeWeather(folder, { triggers: [hook('slack', { payloadTemplate })] });
    writeFileSync(join(folder, 'window.json'), '{"docs_total": 3}');
    const fired = await fire('--window', 'window.json');
    expect(fired.exitCode).toBe(1);
    expect(steady(fired)[1]).toMatch(/slack: rejected in TIME: the payload could not be made: Line 1, column 1:/);
    expect(await receiver.requests()).toEqual([]);
  });
});

describe('before anything is sent', () => {
  test('a spec with errors is refused', async () => {
    writeWeather(folder, { triggers: [hook('slack'), hook('dbt', { colour: 'red' })] });
    const fired = await fire();
    expect([fired.exitCode, fired.stdout.text]).toEqual([2, '']);
    expect(fired.stderr.lines).toEqual([expect.stringContaining('colour'), 'weather.yaml: 1 error']);
    expect((await fire('--json')).stdout.objects[0]).toMatchObject({ event: 'issue', file: 'weather.yaml', line: 10 });
    expect(await receiver.requests()).toEqual([]);
  });

  test('names that are not there are refused, with the near name', async () => {
    writeWeather(folder, { triggers: [hook('slack'), hook('dbt')] });
    const fired = await fire('--trigger', 'slack', '--trigger', 'dtb');
    expect([fired.exitCode, fired.stdout.text, fired.stderr.text]).toEqual([
      2,
      '',
      'There is no trigger dtb in weather.yaml: did you mean dbt?\n',
    ]);
    expect(await receiver.requests()).toEqual([]);
  });

  test('a window that is wrong is refused', async () => {
    writeWeather(folder, { triggers: [hook('slack')] });
    writeFileSync(join(folder, 'window.json'), '{"docs_total": "many"}');
    const fired = await fire('--window', 'window.json');
    expect([fired.exitCode, fired.stdout.text]).toEqual([2, '']);
    expect(fired.stderr.text).toMatch(/^window\.json:1:16 {2}error {4}docs_total must be a whole number\./);
    expect(await receiver.requests()).toEqual([]);
  });

  test('a spec without triggers is refused', async () => {
    writeWeather(folder);
    const fired = await fire();
    expect([fired.exitCode, fired.stderr.text]).toEqual([
      2,
      'There is nothing to fire: no trigger is configured in weather.yaml.\n',
    ]);
  });

  test('what triggers may not reach is refused', async () => {
    writeWeather(folder, { triggers: [hook('slack')] });
    const fired = await fire('--egress', 'public');
    expect([fired.exitCode, fired.stdout.text]).toEqual([2, '']);
    expect(await receiver.requests()).toEqual([]);
  });
});

describe('what is chosen', () => {
  test('is fired alone', async () => {
    writeWeather(folder, { triggers: [hook('slack'), hook('dbt')] });
    expect((await fire('--materialization', 'acmeCo/views/weather', '--trigger', 'dbt')).exitCode).toBe(0);
    expect((await receiver.requests()).map(({ path }) => path)).toEqual(['/dbt']);
  });
});

describe('a sealed spec', () => {
  test('is opened with a key, and refused without', async () => {
    const headers = { Authorization: 'Bearer tok-of-slack' };
    writeWeather(folder, { triggers: [hook('slack', { headers })] });
    expect((await command(['seal', 'weather.yaml', '--age', recipient])).stderr.text).toBe('');
    const refused = await fire();
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr.text).toContain('CONFIG_SEALED');
    expect(await receiver.requests()).toEqual([]);
    const fired = await command(['fire', 'weather.yaml'], { env: { SOPS_AGE_KEY: identity } });
    expect(fired.exitCode).toBe(0);
    expect((await receiver.requests()).map((one) => one.headers['authorization'])).toEqual(['Bearer tok-of-slack']);
    expect(fired.stdout.text + fired.stderr.text).not.toContain('tok-of-slack');
  });
});

describe('a signal', () => {
  test('gives up what is in flight, and sends no more', async () => {
    await receiver.respond('/slack', [{ hang: true }]);
    writeWeather(folder, { triggers: [hook('slack'), hook('dbt')] });
    const io = testIo(folder);
    const ending = runCommandLine(['fire', 'weather.yaml', '--concurrency', '1'], io);
    await receiver.waitFor(1);
    io.send('SIGINT');
    expect(await ending).toBe(1);
    expect(io.stderr.text).toContain('stopping: attempts in flight are given up\n');
    expect(steady(io).slice(1)).toEqual([
      'acmeCo/views/weather: dbt: not sent: it was stopped before',
      'acmeCo/views/weather: slack: failed in TIME, and may work later: it was stopped before http://receiver answered (test_KEY)',
    ]);
    expect((await receiver.requests()).map(({ path }) => path)).toEqual(['/slack']);
    expect(io.listening).toBe(0);
  });

  test('that comes again ends the process', async () => {
    await receiver.respond('/slack', [{ hang: true }]);
    writeWeather(folder, { triggers: [hook('slack')] });
    const io = testIo(folder);
    const ending = runCommandLine(['fire', 'weather.yaml'], io);
    await receiver.waitFor(1);
    io.send('SIGINT');
    io.send('SIGINT');
    await ending;
    expect(io.exits).toEqual([130]);
  });
});
