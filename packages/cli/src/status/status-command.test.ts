import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WriteBatch } from '@aftercommit/persistence';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

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
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-status-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function command(...args: string[]): Promise<TestIo & { exitCode: number }> {
  const io = testIo(folder);
  const exitCode = await runCommandLine(args, io);
  return Object.assign(io, { exitCode });
}

function hook(name: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, url: `${receiver.url}/${name}`, ...fields };
}

/** A second materialization, of the same documents. */
function another(name: string, triggers: Array<Record<string, unknown>>): string {
  const config = triggers.map((trigger) => ({ payloadTemplate: '{}', ...trigger }));
  return `  ${name}:
    endpoint: { sqlite: { path: weather.db } }
    bindings: [{ source: acmeCo/weather, resource: { table: other } }]
    transactions: { maxDocs: 4 }
    triggers: ${JSON.stringify({ config })}
`;
}

describe('a materialization that the state has and the spec has not', () => {
  const name = 'acmeCo/views/other';

  /** Two commits: `dbt` parks the first one, and `slack` lets the second one wait for its interval. */
  async function leave(): Promise<void> {
    await receiver.respond('/dbt', [{ status: 400 }, { status: 200 }]);
    const triggers = [hook('dbt', { onFailure: 'park' }), hook('slack', { interval: '1h' })];
    for (const days of [1, 2]) {
      writeWeather(folder, { more: another(name, triggers), days });
      expect((await command('run', 'weather.yaml')).exitCode).toBe(3);
    }
  }

  test.each(['status', 'verify'])(
    'is named by %s with what it keeps, in one line, and changes nothing else',
    async (asked) => {
      await leave();
      const before = await command(asked, 'weather.yaml');
      expect(before.stdout.text).not.toContain('is not in');
      writeWeather(folder);
      const { stdout, stderr, exitCode } = await command(asked, 'weather.yaml');
      expect([exitCode, stderr.text]).toEqual([0, '']);
      expect(stdout.lines).toEqual([
        expect.stringMatching(/^acmeCo\/views\/weather: /),
        `${name}: is not in weather.yaml, and keeps 1 window to deliver and 1 parked; ` +
          'the spec that has it goes on with them: if it was renamed, call it so again',
      ]);
    },
  );

  test('is an object of its own for programs', async () => {
    await leave();
    writeWeather(folder);
    const kept = { materialization: name, isInSpec: false, waiting: 1, parked: 1 };
    const status = await command('status', 'weather.yaml', '--json');
    expect(status.stdout.objects).toEqual([
      expect.objectContaining({ materialization: 'acmeCo/views/weather', isInSpec: true, triggers: [] }),
      { event: 'not-in-spec', ...kept },
    ]);
    const verify = await command('verify', 'weather.yaml', '--json');
    expect(verify.stdout.objects).toEqual([
      expect.objectContaining({ event: 'verified', materialization: 'acmeCo/views/weather' }),
      { event: 'not-in-spec', ...kept },
    ]);
  });

  test('is not worth a line when it keeps nothing', async () => {
    writeWeather(folder, { more: another(name, [hook('dbt')]) });
    await command('run', 'weather.yaml');
    writeWeather(folder);
    expect((await command('status', 'weather.yaml')).stdout.lines).toHaveLength(1);
    expect((await command('verify', 'weather.yaml', '--json')).stdout.objects).toHaveLength(1);
  });

  test('is one that is left out altogether, not one that is disabled', async () => {
    await leave();
    writeWeather(folder, { more: `${another(name, [])}    shards: { disable: true }\n` });
    expect((await command('status', 'weather.yaml')).stdout.text).not.toContain('is not in');
  });

  test('may be damaged: that is no matter of this spec', async () => {
    await leave();
    const store = SqliteStore.open({ path: join(folder, '.aftercommit', 'state.db') });
    const state = await store.open(name, 'somebody');
    await state.write(new WriteBatch().put('outbox/000001/about', 7).put('outbox/000001/newer', 1));
    await store.close();
    writeWeather(folder);
    for (const asked of ['status', 'verify']) {
      const { stdout, exitCode } = await command(asked, 'weather.yaml');
      expect([exitCode, stdout.lines.at(-1)]).toEqual([
        0,
        expect.stringContaining('1 window to deliver and 1 parked;'),
      ]);
    }
  });
});

describe('a trigger whose interval goes on after it was removed', () => {
  test('keeps its interval when it returns, and until then nothing is said of it', async () => {
    const slack = [hook('slack', { interval: '1h' })];
    writeWeather(folder, { triggers: slack, maxDocs: 100 });
    await command('run', 'weather.yaml');
    writeWeather(folder);
    const without = await command('run', 'weather.yaml', '--json');
    expect([without.exitCode, without.stderr.text]).toEqual([0, '']);
    expect(without.stdout.objects[0]).toMatchObject({ event: 'opened', withoutPartner: [] });
    expect((await command('status', 'weather.yaml')).stdout.text).not.toContain('slack');
    const { stdout } = await command('status', 'weather.yaml', '--json');
    expect(stdout.objects).toMatchObject([{ triggers: [], withoutTrigger: [] }]);
    const drop = await command('parked', 'drop', 'weather.yaml', '--outbox', 'slack');
    expect([drop.exitCode, drop.stderr.text]).toEqual([
      2,
      'There is no outbox slack without a trigger: there is none.\n',
    ]);
    writeWeather(folder, { triggers: slack, days: 11 });
    const returned = await command('run', 'weather.yaml', '--json');
    expect(returned.stdout.objects.at(-1)).toMatchObject({ event: 'ended', waiting: { slack: 1 } });
    expect(await receiver.requests('/slack')).toHaveLength(1);
    expect((await command('verify', 'weather.yaml')).exitCode).toBe(0);
  });
});
