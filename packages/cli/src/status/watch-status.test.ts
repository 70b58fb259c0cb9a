import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { StoreError } from '@aftercommit/persistence';
import type { Clock } from '@aftercommit/registry';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';
import { Output } from '../terminal/output.js';
import type { StatusView } from './status-view.js';
import { watchStatus } from './watch-status.js';

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
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-watch-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A clock on which time passes only between two looks, and something else happens then. */
class Steps implements Clock {
  /** How long it was slept each time. */
  readonly slept: number[] = [];
  readonly #steps: Array<() => Promise<void> | void>;
  #now = Date.parse('2024-06-15T12:30:00Z');

  constructor(steps: Array<() => Promise<void> | void>) {
    this.#steps = steps;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    this.#now += milliseconds;
    await this.#steps.shift()?.();
  }
}

type Watched = TestIo & { exitCode: number; clock: Steps };

/** Watches while the steps happen, one between two looks, and ends it then. */
async function watch(
  steps: Array<() => Promise<void> | void>,
  args: string[] = [],
  options: { isTTY?: boolean; columns?: number; rows?: number; env?: Record<string, string> } = {},
): Promise<Watched> {
  const clock = new Steps([...steps, () => io.send('SIGINT')]);
  const { columns = 80, rows = 24, ...own } = options;
  const io: TestIo = testIo(folder, { clock, ...own });
  Object.assign(io.stdout, { columns, rows });
  const exitCode = await runCommandLine(['status', 'weather.yaml', '--watch', ...args], io);
  return Object.assign(io, { exitCode, clock });
}

async function run(): Promise<void> {
  await runCommandLine(['run', 'weather.yaml'], testIo(folder));
}

function hook(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name: 'dbt', url: `${receiver.url}/dbt`, onFailure: 'park', ...fields };
}

/** Four documents, which the receiver refuses. */
async function parkOne(): Promise<void> {
  await receiver.respond('/dbt', [{ status: 400 }, { status: 200 }]);
  writeWeather(folder, { triggers: [hook()], days: 4 });
  await run();
}

async function commitMore(): Promise<void> {
  writeWeather(folder, { triggers: [hook()], days: 8 });
  await run();
}

function hide(): void {
  renameSync(join(folder, '.aftercommit', 'state.db'), join(folder, 'hidden.db'));
}

function bringBack(): void {
  renameSync(join(folder, 'hidden.db'), join(folder, '.aftercommit', 'state.db'));
}

const nothing = (): void => undefined;

test('looks every two seconds, or as often as is said, until it is told to end', async () => {
  await parkOne();
  const { exitCode, clock, listening } = await watch([nothing, nothing]);
  expect([exitCode, clock.slept, listening]).toEqual([0, [2_000, 2_000, 2_000], 0]);
  expect((await watch([nothing], ['1m 30s'])).clock.slept).toEqual([90_000, 90_000]);
});

test.each([
  ['weather.yaml', /Write a duration, such as 2s or 1m\. Without one, put --watch behind the spec\./],
  ['5ms', /It is at least 100ms\./],
])('refuses %s as an interval', async (interval, sentence) => {
  const io = testIo(folder);
  expect(await runCommandLine(['status', '--watch', interval, 'weather.yaml'], io)).toBe(2);
  expect(io.stderr.text).toMatch(sentence);
});

describe('where nobody looks on', () => {
  test('prints everything again when something has changed, and only then', async () => {
    await parkOne();
    const { stdout, stderr } = await watch([nothing, commitMore, nothing]);
    const heads = stdout.lines.filter((line) => line.startsWith('status at '));
    expect(heads).toHaveLength(2);
    expect(
      stdout.lines.filter((line) => /^acmeCo\/views\/weather: last commit .* 4 documents/.test(line)),
    ).toHaveLength(2);
    expect([stdout.text.includes('\u001B'), stderr.text]).toEqual([false, '']);
  });

  test('says once when the state is away for a moment, and when it is back', async () => {
    await parkOne();
    const { exitCode, stdout, stderr } = await watch([hide, nothing, bringBack]);
    expect(exitCode).toBe(0);
    expect(stderr.lines).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d it cannot be read, and is looked at again:$/),
      expect.stringMatching(/^There is no state .*state\.db/),
      expect.stringMatching(/^\d\d:\d\d:\d\d it can be read again$/),
    ]);
    expect(stdout.lines.filter((line) => line.startsWith('status at '))).toHaveLength(1);
  });

  test('goes on when the spec has errors for a moment', async () => {
    await parkOne();
    const { exitCode, stderr } = await watch([() => writeFileSync(join(folder, 'weather.yaml'), 'a: ['), commitMore]);
    expect(exitCode).toBe(0);
    expect(stderr.text).toContain('weather.yaml:1:');
    expect(stderr.lines.at(-1)).toContain('it can be read again');
  });
});

/** Watches what the looks give, one after the other, and ends behind the last one. */
function watchLooks(looks: Array<() => StatusView>): { io: TestIo; exitCode: Promise<number> } {
  const [first = emptyView, ...others] = looks;
  let look = first;
  const steps = others.map((next) => () => {
    look = next;
  });
  const clock = new Steps([...steps, () => io.send('SIGINT')]);
  const io: TestIo = testIo(folder, { clock });
  const outputs = { stdout: new Output(io.stdout), stderr: new Output(io.stderr), isJson: false };
  return { io, exitCode: watchStatus(async () => look(), 2_000, io, outputs) };
}

const emptyView = (): StatusView => ({ objects: [], lines: () => [] });

test('says what the store could not do, and looks again', async () => {
  const failing = (): StatusView => {
    throw new StoreError('STORE_UNAVAILABLE', 'It does not answer.');
  };
  const { io, exitCode } = watchLooks([emptyView, failing, emptyView]);
  expect(await exitCode).toBe(0);
  expect(io.stderr.text).toContain('STORE_UNAVAILABLE: It does not answer.');
  expect(io.stderr.lines.at(-1)).toContain('it can be read again');
});

test('ends with what nobody foresaw: it is no matter of waiting', async () => {
  const { exitCode } = watchLooks([
    emptyView,
    () => {
      throw new TypeError('x is undefined');
    },
    emptyView,
  ]);
  await expect(exitCode).rejects.toThrow(TypeError);
});

test('ends at once when the first look fails: a name may be mistyped', async () => {
  writeWeather(folder);
  const { exitCode, stderr, clock } = await watch([]);
  expect([exitCode, stderr.text, clock.slept]).toEqual([2, expect.stringMatching(/^There is no state /), []]);
});

test('with --json prints an object for each change, and for what kept it from looking', async () => {
  await parkOne();
  const { stdout, stderr } = await watch([nothing, commitMore, hide, nothing, bringBack], ['--json']);
  expect(stdout.objects).toMatchObject([
    { event: 'materialization', triggers: [{ trigger: 'dbt', lastDelivered: null, parked: 1 }] },
    { event: 'materialization', triggers: [{ trigger: 'dbt', lastDelivered: {}, parked: 1 }] },
    { event: 'error', code: 'STATE_MISSING' },
    { event: 'materialization', triggers: [{ trigger: 'dbt', lastDelivered: {}, parked: 1 }] },
  ]);
  expect(stderr.text).toBe('');
});

test('with --json says what is gone', async () => {
  await parkOne();
  const empty = (): void => writeFileSync(join(folder, 'weather.yaml'), 'materializations: {}\n');
  const { stdout } = await watch([empty], ['--json']);
  expect(stdout.objects.map(({ event, what }) => [event, what])).toEqual([
    ['materialization', undefined],
    ['not-in-spec', undefined],
    ['gone', 'materialization'],
  ]);
});

describe('on a terminal', () => {
  const screen = { isTTY: true };

  /** What stands on a screen of so many columns after everything was written. */
  function shown(text: string, columns: number): string[] {
    const rows = new RegExp(`.{1,${columns}}`, 'g');
    let lines: string[] = [''];
    for (const part of `J${text}`.split('\u001B[')) {
      // To the beginning of so many lines above, or a colour, or nothing but what follows.
      const [code = '', up] = /^(?:(\d+)A\r|\d+m|J)/.exec(part) ?? [];
      if (up !== undefined) lines = [...lines.slice(0, lines.length - 1 - Number(up)), ''];
      const written = part.slice(code.length).split('\n');
      const [first = '', ...rest] = written.flatMap((line) => line.match(rows) ?? ['']);
      lines = [...lines.slice(0, -1), (lines.at(-1) ?? '') + first, ...rest];
    }
    return lines;
  }

  test('writes over what it showed before, also where lines are longer than the screen', async () => {
    await parkOne();
    const once = await watch([], [], { ...screen, columns: 40 });
    const { stdout } = await watch([nothing, nothing], [], { ...screen, columns: 40 });
    const [before, after] = [shown(once.stdout.text, 40), shown(stdout.text, 40)];
    expect(after).toHaveLength(before.length);
    expect(after[0]).toBe('1 trigger is stuck:');
    expect(after.filter((line) => line.startsWith('looked at '))).toHaveLength(1);
    // A command is in one piece, for whoever copies it.
    expect(stripVTControlCharacters(stdout.text)).toContain(
      '    to deliver    aftercommit parked replay weather.yaml --trigger dbt --all\n',
    );
  });

  test('writes over all of it after the terminal got narrower, and broke its lines anew', async () => {
    await parkOne();
    const clock = new Steps([() => void Object.assign(io.stdout, { columns: 40 }), () => io.send('SIGINT')]);
    const io: TestIo = testIo(folder, { clock, isTTY: true });
    expect(await runCommandLine(['status', 'weather.yaml', '--watch'], io)).toBe(0);
    // Between the two looks the terminal shows the first one in lines of 40, as it does here.
    const lines = shown(io.stdout.text, 40);
    expect(lines.filter((line) => line === '1 trigger is stuck:')).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('looked at '))).toHaveLength(1);
  });

  test('shows what is stuck first where not everything fits, and how much more there is', async () => {
    await parkOne();
    const { stdout } = await watch([nothing], [], { ...screen, rows: 7 });
    const lines = shown(stdout.text, 80);
    expect(lines.slice(0, -1)).toHaveLength(6);
    expect(lines[1]).toMatch(/dbt: 1 parked since/);
    expect(lines.at(-3)).toMatch(/^… and \d+ more lines$/);
    expect(lines.at(-2)).toMatch(/^looked at .* Ctrl-C ends it$/);
  });

  test('keeps what it saw last while the state is away', async () => {
    await parkOne();
    const { stdout, stderr } = await watch([hide], [], screen);
    const lines = shown(stdout.text, 400);
    expect(lines[0]).toBe('1 trigger is stuck:');
    expect(lines.at(-2)).toMatch(/it cannot be read, and is looked at again: There is no state /);
    expect(stderr.text).toBe('');
  });

  test('has colours, and none with NO_COLOR', async () => {
    await parkOne();
    expect((await watch([], [], screen)).stdout.text).toContain('\u001B[31m1 trigger is stuck:');
    expect((await watch([], [], { ...screen, env: { NO_COLOR: '1' } })).stdout.text).not.toContain('\u001B');
  });
});
