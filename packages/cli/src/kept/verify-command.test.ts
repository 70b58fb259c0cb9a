import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Json, WriteBatch } from '@aftercommit/persistence';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

const materialization = 'acmeCo/views/weather';
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
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-verify-'));
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
  return { name, url: `${receiver.url}/${name}`, onFailure: 'park', ...fields };
}

/** Three commits: `dbt` parks the first; `slack` delivers it, and has the others wait for its interval. */
async function runThree(): Promise<void> {
  await receiver.respond('/dbt', [{ status: 400, body: 'no such job' }, { status: 200 }]);
  // A run for each commit: what waits behind the first one at the end of a run may be united.
  for (const days of [4, 8, 10]) {
    writeWeather(folder, { triggers: [hook('dbt'), hook('slack', { interval: '1h' })], days });
    expect((await command('run', 'weather.yaml')).exitCode).toBe(3);
  }
}

/** Changes the state as nobody should. */
async function damage(change: (batch: WriteBatch, entries: Array<[string, Json]>) => void): Promise<void> {
  const store = SqliteStore.open({ path: join(folder, '.aftercommit', 'state.db') });
  const state = await store.open(materialization, 'somebody');
  const batch = new WriteBatch();
  change(batch, await state.list(''));
  await state.write(batch);
  await store.close();
}

describe('a consistent state', () => {
  test('has every commit accounted for, for each trigger', async () => {
    await runThree();
    const { exitCode, stdout, stderr } = await command('verify', 'weather.yaml');
    expect([exitCode, stderr.text]).toEqual([0, '']);
    expect(stdout.lines).toEqual([
      expect.stringMatching(/^acmeCo\/views\/weather: consistent; 3 commits, runs \S+Z to \S+Z$/),
      '  dbt: 2 delivered, 1 parked',
      '  slack: 1 delivered, 2 waiting',
    ]);
  });

  test('is printed commit by commit', async () => {
    await runThree();
    const { stdout } = await command('verify', 'weather.yaml', '--all');
    expect(stdout.lines.slice(3)).toEqual([
      expect.stringMatching(/^ {2}run \S+Z {2}4 documents {2}dbt parked \S+; slack delivered \S+$/),
      expect.stringMatching(/^ {2}run \S+Z {2}4 documents {2}dbt delivered \S+; slack waiting$/),
      expect.stringMatching(/^ {2}run \S+Z {2}2 documents {2}dbt delivered \S+; slack waiting$/),
    ]);
  });

  test('is printed for programs', async () => {
    await runThree();
    const { stdout } = await command('verify', 'weather.yaml', '--json', '--all');
    expect(stdout.objects).toEqual([
      {
        event: 'commit',
        materialization,
        number: 1,
        runId: expect.stringMatching(/Z$/),
        docs: 4,
        isAdopted: false,
        triggers: [
          { trigger: 'dbt', standing: 'parked', unitedInto: null, at: expect.stringMatching(/Z$/) },
          { trigger: 'slack', standing: 'delivered', unitedInto: null, at: expect.stringMatching(/Z$/) },
        ],
      },
      expect.objectContaining({ event: 'commit', number: 2 }),
      expect.objectContaining({ event: 'commit', number: 3 }),
      {
        event: 'verified',
        materialization,
        commits: 3,
        firstRunId: expect.stringMatching(/Z$/),
        lastRunId: expect.stringMatching(/Z$/),
        triggers: [
          { ...none, trigger: 'dbt', delivered: 2, parked: 1 },
          { ...none, trigger: 'slack', delivered: 1, waiting: 2 },
        ],
        removed: 0,
        inconsistencies: 0,
      },
    ]);
  });

  test('says what became of triggers that are gone, and of new ones', async () => {
    await runThree();
    writeWeather(folder, { triggers: [hook('slack')], days: 11 });
    await command('run', 'weather.yaml', '--retry-now');
    writeWeather(folder, { triggers: [hook('mail')], days: 11 });
    await command('run', 'weather.yaml');
    writeWeather(folder, { triggers: [hook('mail'), hook('new')], days: 11 });
    const { stdout, exitCode } = await command('verify', 'weather.yaml');
    expect(exitCode).toBe(0);
    expect(stdout.lines.slice(1)).toEqual([
      '  dbt (has no trigger any more): 2 delivered, 1 parked',
      '  mail: was told of no commit yet',
      '  new: was told of no commit yet',
      '  4 commits also went to triggers that were removed since, with their outboxes',
    ]);
  });

  test('may be that of a run that goes on', async () => {
    writeWeather(folder, { triggers: [hook('slack')], maxDocs: 100 });
    const io = testIo(folder);
    const running = runCommandLine(['run', 'weather.yaml', '--follow', '--json'], io);
    await io.stdout.until('"delivered"');
    expect((await command('verify', 'weather.yaml')).exitCode).toBe(0);
    io.send('SIGTERM');
    expect(await running).toBe(0);
    expect((await command('verify', 'weather.yaml')).exitCode).toBe(0);
  });

  test('may be that of a task without triggers', async () => {
    writeWeather(folder);
    await command('run', 'weather.yaml');
    const { stdout } = await command('verify', 'weather.yaml');
    expect(stdout.text).toBe(`${materialization}: consistent; no trigger was told of a commit yet\n`);
  });
});

const none = {
  hasTrigger: true,
  delivered: 0,
  beingTried: 0,
  waiting: 0,
  parked: 0,
  dropped: 0,
  forgotten: 0,
  lost: 0,
  united: 0,
};

describe('an inconsistent state', () => {
  test('is named with what to do, and ends with exit code 1', async () => {
    await runThree();
    await damage((batch, entries) => {
      for (const [key] of entries) if (key.includes('/parked/')) batch.delete(key);
    });
    const { stdout, exitCode } = await command('verify', 'weather.yaml');
    expect(exitCode).toBe(1);
    expect(stdout.lines).toEqual([
      expect.stringMatching(/^acmeCo\/views\/weather: 1 inconsistency; 3 commits/),
      '  dbt: 2 delivered, 1 lost',
      '  slack: 1 delivered, 2 waiting',
      expect.stringMatching(/^ {2}COMMIT_LOST: Outbox "dbt": nothing is of run \S+Z, which it was told of/),
      expect.stringMatching(/^ {4}Nobody will be told .* yourself\. \(committed\/0000000000000001\)$/),
    ]);
    const { stdout: json } = await command('verify', 'weather.yaml', '--json');
    expect(json.objects).toMatchObject([
      {
        event: 'inconsistency',
        materialization,
        code: 'COMMIT_LOST',
        trigger: 'dbt',
        keys: ['committed/0000000000000001'],
      },
      { event: 'verified', inconsistencies: 1, triggers: [{ lost: 1 }, {}] },
    ]);
  });

  test('is looked at also where nothing else could read it', async () => {
    await runThree();
    await damage((batch) => batch.put('outbox/000001/about', 7).put('outbox/000001/\u001b[31m', 1));
    const { stdout, exitCode } = await command('verify', 'weather.yaml');
    expect(exitCode).toBe(1);
    expect(stdout.text).toContain(
      'RECORD_UNREADABLE: What "outbox/000001/about" holds cannot be read: it is no object.',
    );
    expect(stdout.text).toContain('KEY_UNKNOWN');
    expect(stdout.text).not.toContain('\u001b');
  });
});

test('says when there is no state', async () => {
  writeWeather(folder);
  const { exitCode, stderr } = await command('verify', 'weather.yaml');
  expect([exitCode, stderr.text]).toEqual([
    2,
    expect.stringMatching(/^There is no state .*state\.db: weather\.yaml was never run/),
  ]);
});
