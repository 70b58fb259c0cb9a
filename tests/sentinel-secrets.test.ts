import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAftercommit } from './aftercommit-run.js';
import { bundleProgram } from './bundle-program.js';
import { brokenSpecs } from './sentinel-broken-specs.js';
import { SentinelReceivers, waysToAnswer } from './sentinel-receiver.js';
import { sentinel, sentinelsIn } from './sentinel-search.js';
import { headers, SentinelTask, secretTrigger } from './sentinel-task.js';

const program = await bundleProgram('tests/aftercommit-program.ts', 'sentinel-secrets');
let receivers: SentinelReceivers;
let task: SentinelTask;

beforeAll(async () => {
  receivers = await SentinelReceivers.start();
});

afterAll(() => receivers.stop());

beforeEach(async () => {
  task = await SentinelTask.create();
});

// Whatever was done: every byte that was printed or written.
afterEach(async () => {
  const leaks = await task.leaks();
  await task.remove();
  expect(leaks).toEqual([]);
});

/** A trigger for each way in which something can go wrong. */
function everyFailure(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(receivers.urls).map(([way, url]) => [way, secretTrigger(url, fields)]));
}

/** Everything there is to look at what a run has left. */
async function lookAtEverything(): Promise<void> {
  const { stdout } = await task.command('parked', 'list', task.specPath, '--json');
  const [first] = stdout.split('\n').filter((line) => line.startsWith('{'));
  const key = first === undefined ? 'msg_0' : String(JSON.parse(first).idempotencyKey);
  const commands = [['status'], ['parked', 'list'], ['parked', 'show'], ['verify', '--all'], ['validate']];
  for (const command of commands) {
    const [name = '', ...rest] = command;
    const more = rest.includes('show') ? [...rest, task.specPath, key] : [...rest, task.specPath];
    await task.command(name, ...more);
    if (!rest.includes('list')) await task.command(name, ...more, '--json');
  }
}

describe('no secret is printed or written', () => {
  test('when every failure is parked, and by nothing that looks at it', async () => {
    await task.write(everyFailure({ onFailure: 'park' }));
    const { exitCode, events } = await task.command('run', task.specPath, '--json');
    expect(exitCode).toBe(3);
    const reasons = new Map(
      events.flatMap(({ event, trigger, reason }) => (event === 'parked' ? [[trigger, reason]] : [])),
    );
    expect(reasons.size).toBe(Object.keys(receivers.urls).length);
    const silent = ['headers', 'redirect', 'reset', 'hang'];
    for (const way of waysToAnswer) if (!silent.includes(way)) expect(reasons.get(way), way).toContain('[redacted]');
    // They did arrive.
    expect(receivers.received.join('\n')).toContain(headers.Authorization);
    await lookAtEverything();
    expect(await task.command('parked', 'replay', task.specPath, '--all')).toMatchObject({ exitCode: 0 });
    expect(await task.command('run', task.specPath)).toMatchObject({ exitCode: 3 });
  });

  test.each(['plain', 'base64-lines', 'status-text', 'redirect', 'self-signed', 'refused', 'hang', 'no-http'])(
    'when a failure ends the run: %s',
    async (way) => {
      const url = receivers.urls[way] ?? '';
      await task.write({ dbt: secretTrigger(url, { maxAttempts: 2, timeout: '300ms' }) });
      expect((await task.command('run', task.specPath, '--json')).exitCode).toBe(1);
      expect((await task.command('run', task.specPath, '--retry-now')).exitCode).toBe(1);
      await task.command('status', task.specPath, '--json');
    },
  );

  test('in a terminal', async (context) => {
    await task.write(everyFailure({ onFailure: 'park', timeout: '300ms' }));
    const said = await task.inTerminal(program, 'run', task.specPath);
    if (said === undefined) context.skip('there is no script(1) here that makes a terminal');
    expect(said).toContain('parked');
  });

  test('when a secret in the payload keeps it from being JSON', async () => {
    const payloadTemplate = '{"x":{{#if (eq docs_total 3)}}{{headers.X-Api-Key}}{{else}}1{{/if}} }';
    await task.write({ dbt: secretTrigger(receivers.urls['plain'] ?? '', { payloadTemplate }) });
    const { exitCode, stderr } = await task.command('run', task.specPath, '--json');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the payload could not be made')]);
    await lookAtEverything();
  });

  test('when the databases are damaged, or none', async () => {
    await task.write({ dbt: secretTrigger(receivers.urls['json'] ?? '', { onFailure: 'park' }) });
    expect((await task.command('run', task.specPath)).exitCode).toBe(3);
    const state = await readFile(task.statePath);
    const damages: Array<() => Promise<void>> = [
      () => writeFile(task.statePath, state.fill(0x5a, 2_000, state.length - 500)),
      () => truncate(task.statePath, 5_000),
      () => writeFile(task.statePath, 'no database'),
      async () => {
        await rm(task.statePath);
        await mkdir(task.statePath);
      },
    ];
    for (const damage of damages) {
      for (const log of ['-wal', '-shm']) await rm(`${task.statePath}${log}`, { force: true });
      await damage();
      expect((await task.command('run', task.specPath, '--json')).exitCode).not.toBe(0);
      for (const command of ['status', 'verify']) await task.command(command, task.specPath);
    }
    await rm(task.statePath, { recursive: true });
    await writeFile(join(task.folder, 'readings.db'), 'no database');
    expect((await task.command('run', task.specPath)).exitCode).toBe(1);
  });

  test('by a run that is killed in an attempt, nor by the next one; and no other process knows one', async () => {
    await task.write({
      hang: secretTrigger(receivers.urls['hang'] ?? '', { timeout: '60s' }),
      base64: secretTrigger(receivers.urls['base64'] ?? '', { onFailure: 'park' }),
    });
    let inAttempt = (): void => undefined;
    const parked = new Promise<void>((resolve) => (inAttempt = resolve));
    const onEvent = ({ event }: { event: string }): void => {
      if (event === 'parked') inAttempt();
    };
    const run = startAftercommit(['run', task.specPath, '--json'], { onEvent });
    await parked;
    const proc = `/proc/${run.process.pid}`;
    if (existsSync(proc)) {
      expect(sentinelsIn(await readFile(`${proc}/cmdline`))).toEqual([]);
      expect(sentinelsIn(await readFile(`${proc}/environ`))).toEqual([]);
      // Nobody is started whose arguments and environment would have to be looked at.
      expect(await readFile(`${proc}/task/${run.process.pid}/children`, 'utf8')).toBe('');
    }
    run.process.kill('SIGKILL');
    task.note('the run that was killed', await run.ended);
    expect(await task.leaks()).toEqual([]);
    await task.write({ hang: secretTrigger(receivers.urls['base64-one-on'] ?? '', { name: 'hang' }) });
    expect((await task.command('run', task.specPath, '--json')).exitCode).toBe(1);
    await lookAtEverything();
  });

  test.each(Object.entries(brokenSpecs))('when the spec is wrong: %s', async (_what, text) => {
    await writeFile(task.specPath, text, text.includes('\udc80') ? 'latin1' : 'utf8');
    // As people read it, and as programs do.
    const results = await Promise.all([
      task.command('run', task.specPath),
      task.command('validate', task.specPath, '--json'),
    ]);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([2, 2]);
  });
});

test('the search finds every spelling it is for', () => {
  const secret = sentinel('-x-');
  const bytes = Buffer.from(secret);
  const spellings = [
    `a ${secret}`,
    secret.toUpperCase(),
    bytes.toString('hex'),
    ...['', 'x', 'xy'].map((before) => Buffer.from(before + secret).toString('base64')),
    bytes.toString('base64').replaceAll(/(.{8})/g, '$1\r\n'),
    bytes.toString('hex').replaceAll(/(..)/g, '%$1'),
    bytes.toString('hex').replaceAll(/(..)/g, '\\u00$1'),
    Buffer.from(secret, 'utf16le').toString('latin1'),
  ];
  for (const spelling of spellings) expect(sentinelsIn(spelling), spelling).toHaveLength(2);
  expect(sentinelsIn('what was sent [redacted]')).toEqual([]);
});
