import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@aftercommit/registry';
import { systemClock } from '@aftercommit/runtime-adapter';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { identity, recipient } from '../../test/sealing.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

const materialization = 'acmeCo/views/weather';
const sealedOnes = { materialization, part: 'triggers', file: 'weather.yaml' };

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
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-json-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** No time passes where it is waited for a run that there is not. */
const impatient: Clock = { ...systemClock, sleep: () => new Promise((resolve) => setImmediate(resolve)) };

/** What a command that succeeds prints with `--json`; nothing is said beside it. */
async function objectsOf(args: string[], { input = '' } = {}): Promise<Array<Record<string, unknown>>> {
  const io = await command([...args, '--json'], input);
  expect([io.exitCode, io.stderr.text]).toEqual([0, '']);
  for (const { event } of io.stdout.objects) expect(event).toEqual(expect.stringMatching(/^[a-z-]+$/));
  return io.stdout.objects;
}

async function command(args: string[], input = ''): Promise<TestIo & { exitCode: number }> {
  const clock = args[0] === 'parked' ? impatient : systemClock;
  const io = testIo(folder, { env: { HOME: folder, SOPS_AGE_KEY: identity }, clock });
  io.stdin.push(input);
  io.stdin.push(null);
  const exitCode = await runCommandLine(args, io);
  return Object.assign(io, { exitCode });
}

function writeSpec(headers: Record<string, string> = {}): void {
  const slack = { url: `${receiver.url}/slack`, headers, payloadTemplate: '{}', onFailure: 'park' };
  const config = JSON.stringify({ config: { slack } });
  writeWeather(folder, { maxDocs: 100 });
  writeFileSync(
    join(folder, 'weather.yaml'),
    `collections: { acmeCo/weather: { key: [/date], source: { ndjson: weather.ndjson } } }
materializations:
  ${materialization}:
    endpoint: { sqlite: { path: weather.db } }
    bindings: [{ source: acmeCo/weather, resource: { table: weather } }]
    triggers: ${config}
`,
  );
}

async function seal(): Promise<void> {
  writeSpec({ Authorization: 'Bearer hunter2' });
  await objectsOf(['seal', 'weather.yaml', '--age', recipient]);
}

/** @returns The idempotency key of what is parked. */
async function park(): Promise<string> {
  await receiver.respond('/slack', [{ status: 400 }, { status: 200 }]);
  writeSpec();
  expect((await command(['run', 'weather.yaml'])).exitCode).toBe(3);
  const [parked] = await objectsOf(['parked', 'list', 'weather.yaml']);
  return String(parked?.['idempotencyKey']);
}

describe('sealing', () => {
  test('seal says what it sealed, and what was sealed before', async () => {
    writeSpec({ Authorization: 'Bearer hunter2' });
    const args = ['seal', 'weather.yaml', '--age', recipient];
    expect(await objectsOf(args)).toEqual([{ event: 'sealed', ...sealedOnes, secrets: 1 }]);
    expect(await objectsOf(args)).toEqual([{ event: 'already-sealed', ...sealedOnes }]);
  });

  test('seal says when there is no secret, for people, too', async () => {
    writeSpec();
    const { stdout, exitCode } = await command(['seal', 'weather.yaml', '--age', recipient]);
    expect([exitCode, stdout.text]).toEqual([
      0,
      `The triggers configuration of ${materialization} is sealed: it has no secrets, so that nothing is encrypted; ` +
        'its URLs, methods and names of headers are protected.\n',
    ]);
    writeSpec();
    expect(await objectsOf(['seal', 'weather.yaml', '--age', recipient])).toMatchObject([{ secrets: 0 }]);
  });

  test('unseal prints each configuration as a value', async () => {
    await seal();
    expect(await objectsOf(['unseal', 'weather.yaml'])).toMatchObject([
      {
        event: 'unsealed',
        ...sealedOnes,
        config: { config: { slack: { headers: { Authorization: 'Bearer hunter2' } } } },
      },
    ]);
  });

  test('unseal --check says for whom what is intact is sealed, and of each that is not why', async () => {
    await seal();
    expect(await objectsOf(['unseal', 'weather.yaml', '--check'])).toEqual([
      { event: 'intact', ...sealedOnes, secrets: 1, recipients: [recipient], sealedAt: expect.stringMatching(/Z$/) },
    ]);
    const io = testIo(folder, { env: { HOME: folder } });
    expect(await runCommandLine(['unseal', 'weather.yaml', '--check', '--json'], io)).toBe(1);
    expect([io.stderr.text, io.stdout.objects]).toEqual([
      '',
      [{ event: 'error', code: 'SECRETS_NO_KEY', message: expect.any(String), ...sealedOnes }],
    ]);
  });

  test('set says what it set, and never the value', async () => {
    await seal();
    const slack = ['set', 'weather.yaml', materialization, 'slack'];
    const of = { event: 'set', ...sealedOnes, trigger: 'slack' };
    const set = await objectsOf([...slack, 'headers.Authorization'], { input: 'Bearer fresh' });
    expect(set).toEqual([{ ...of, field: 'headers.Authorization', isRemoved: false }]);
    expect(await objectsOf([...slack, '--remove'])).toEqual([{ ...of, field: null, isRemoved: true }]);
  });
});

describe('what is kept', () => {
  test('run and verify tell of each materialization', async () => {
    writeSpec();
    const run = await objectsOf(['run', 'weather.yaml']);
    expect(run.map(({ event }) => event)).toEqual(['opened', 'committed', 'attempt', 'delivered', 'ended']);
    expect(await objectsOf(['verify', 'weather.yaml', '--all'])).toMatchObject([
      { event: 'commit', materialization },
      { event: 'verified', materialization, commits: 1 },
    ]);
  });

  test('status tells of each materialization, and what is stuck in it', async () => {
    await park();
    expect(await objectsOf(['status', 'weather.yaml'])).toMatchObject([
      { event: 'materialization', materialization, stuck: [{ trigger: 'slack', why: 'parked' }] },
    ]);
  });

  test('parked list and show tell of each delivery', async () => {
    const idempotencyKey = await park();
    const parked = { event: 'parked', materialization, trigger: 'slack', idempotencyKey };
    expect(await objectsOf(['parked', 'list', 'weather.yaml', '--trigger', 'slack'])).toMatchObject([parked]);
    expect(await objectsOf(['parked', 'show', 'weather.yaml', idempotencyKey])).toMatchObject([
      { ...parked, window: { docs_total: 10 }, payload: '{}' },
    ]);
  });

  test('parked replay and drop tell what was asked for', async () => {
    const key = await park();
    const of = { event: 'requested', materialization, outbox: 'slack', isTaken: false };
    expect(await objectsOf(['parked', 'replay', 'weather.yaml', key])).toEqual([
      { ...of, request: 'replay', keys: [key] },
    ]);
    expect(await objectsOf(['parked', 'drop', 'weather.yaml', '--all'])).toEqual([
      { ...of, request: 'drop', keys: [key] },
    ]);
  });
});

describe('what is configured', () => {
  test('validate counts the issues, and plan tells of each trigger', async () => {
    writeSpec();
    expect(await objectsOf(['validate', 'weather.yaml'])).toEqual([{ event: 'validated', errors: 0, warnings: 0 }]);
    const plan = await command(['plan', 'weather.yaml', '--json']);
    expect(plan.stdout.objects).toMatchObject([
      { event: 'trigger', materialization, trigger: 'slack' },
      { event: 'planned', materialization, triggers: 1 },
    ]);
  });

  test('preview tells what each trigger would send, and fire how its test went', async () => {
    writeSpec();
    await command(['run', 'weather.yaml']);
    expect(await objectsOf(['preview', 'weather.yaml'])).toMatchObject([{ event: 'preview', trigger: 'slack' }]);
    expect(await objectsOf(['fire', 'weather.yaml'])).toMatchObject([
      { event: 'test', trigger: 'slack', outcome: 'delivered' },
    ]);
  });

  test('init tells of each file that it wrote', async () => {
    const init = await command(['init', '--yes', '--json']);
    expect([init.exitCode, init.stderr.text]).toEqual([0, '']);
    expect(init.stdout.objects[0]).toMatchObject({ event: expect.any(String), file: 'aftercommit.yaml' });
  });

  test('schema is one object', async () => {
    expect(await objectsOf(['schema'])).toMatchObject([{ event: 'schema', schema: { type: 'object' } }]);
  });

  test('kinds tells of each kind', async () => {
    expect(await objectsOf(['kinds', 'webhook'])).toMatchObject([{ event: 'kind', kind: 'webhook' }]);
  });
});

describe('a name that is not there is answered with the near one:', () => {
  test.each([
    [
      ['seal', 'weather.yaml', 'acmeCo/views/wether', '--age', recipient],
      `to seal in weather.yaml: did you mean ${materialization}?`,
    ],
    [
      ['status', 'weather.yaml', '--materialization', 'acmeCo/view/weather'],
      `in weather.yaml: did you mean ${materialization}?`,
    ],
    [
      ['parked', 'list', 'weather.yaml', '--trigger', 'slak'],
      'There is no trigger slak in weather.yaml: did you mean slack?',
    ],
    [['parked', 'replay', 'weather.yaml', '--all', '--trigger', 'slak'], 'did you mean slack?'],
    [['parked', 'drop', 'weather.yaml', '--all', '--materialization', 'weather'], `there is only ${materialization}.`],
  ])('%j', async (args, sentence) => {
    await park();
    const { exitCode, stdout, stderr } = await command(args);
    expect([exitCode, stdout.text]).toEqual([2, '']);
    expect(stderr.text).toContain(sentence);
    const json = await command([...args, '--json']);
    expect([json.exitCode, json.stdout.objects]).toMatchObject([2, [{ event: 'error', code: 'NAME_UNKNOWN' }]]);
  });

  test('unseal', async () => {
    await seal();
    const { exitCode, stderr } = await command(['unseal', 'weather.yaml', 'acmeCo/views/wether']);
    expect([exitCode, stderr.text]).toEqual([
      2,
      `There is no materialization acmeCo/views/wether that is sealed in weather.yaml: did you mean ${materialization}?\n`,
    ]);
  });
});
