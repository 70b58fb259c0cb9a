import { setTimeout as delay } from 'node:timers/promises';
import { type Receiver, type ReceiverResponse, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunResult, startAftercommit } from './aftercommit-run.js';
import { WeatherSpec } from './weather-spec.js';

/** Times are measured in another process, by a clock of milliseconds. */
const clockMs = 5;
const specs: WeatherSpec[] = [];
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  for (const spec of specs) await spec.remove();
  await receiver.stop();
});

describe('a supervisor that starts it again and again', () => {
  test.concurrent.each<[string, ReceiverResponse, NodeJS.Signals | undefined]>([
    ['answers 500, each time it has ended', { status: 500 }, undefined],
    ['hangs up, each time it has ended', { destroy: 'before-status' }, undefined],
    ['answers 500, and stops it in between', { status: 500 }, 'SIGTERM'],
    ['answers 500, and kills it in between', { status: 500 }, 'SIGKILL'],
  ])('does not hammer at a receiver that %s', async (title, response, signal) => {
    const { spec, path } = await prepare(title, [response]);
    await spec.write({ dbt: dbt(path) });
    /** Attempts that the signal may have cut off: nothing of them is stored, and the next start repeats them at once. */
    const cutOff = new Set<number>();
    const waits = async () => (await gapsAt(path)).filter((_gapMs, index) => !cutOff.has(index));
    while ((await waits()).length < 3) {
      const before = await receiver.requests(path);
      const { events } = await (signal === undefined ? spec.run() : runFor(spec, 400, signal));
      const told = before.length + events.filter(({ event }) => event === 'attempt').length;
      if ((await receiver.requests(path)).length > told) cutOff.add(told);
      await delay(100);
    }

    // Between half and the whole of 1, 2, 4… seconds.
    for (const [index, waitMs] of (await waits()).entries())
      expect(waitMs).toBeGreaterThanOrEqual(500 * 2 ** index - clockMs);
  });
});

describe('what the receiver asked for', () => {
  test.concurrent('holds over restarts', async () => {
    const { spec, path } = await prepare('asked', [{ status: 429, headers: { 'retry-after': '3' } }, {}]);
    await spec.write({ dbt: dbt(path) });
    expect(await spec.run()).toMatchObject({ exitCode: 1 });
    for (const durationMs of [100, 200]) await runFor(spec, durationMs, 'SIGTERM');

    expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });

    const [gapMs = 0, ...more] = await gapsAt(path);
    expect(more).toEqual([]);
    expect(gapMs).toBeGreaterThanOrEqual(3_000 - clockMs);
    expect(await keysAt(path)).toHaveLength(1);
  });

  test.concurrent.each<[string, Record<string, unknown>, string[]]>([
    ['a changed URL', { url: '?corrected' }, []],
    ['a changed template', { payloadTemplate: '{"corrected": "{{run_id}}"}' }, []],
    ['a changed timeout', { timeout: '29s' }, []],
    ['another number of attempts', { maxAttempts: 2 }, []],
    ['--retry-now', {}, ['--retry-now']],
  ])('is lifted by %s, and the delivery keeps its key', async (title, change, args) => {
    const { spec, path } = await prepare(title, [{ status: 429, headers: { 'retry-after': '500' } }, {}]);
    await spec.write({ dbt: dbt(path) });
    expect(await spec.run()).toMatchObject({ exitCode: 1 });

    await spec.write({ dbt: dbt(path, change) });
    expect(await spec.run(...args)).toMatchObject({ exitCode: 0, stderr: '' });

    expect(await receiver.requests(path)).toHaveLength(2);
    expect(await keysAt(path)).toHaveLength(1);
  });

  test.concurrent('is not lifted by another secret, nor by another trigger', async () => {
    const { spec, path } = await prepare('secret', [{ status: 429, headers: { 'retry-after': '500' } }, {}]);
    await spec.write({ dbt: dbt(path, { headers: { authorization: 'one' } }) });
    expect(await spec.run()).toMatchObject({ exitCode: 1 });

    await spec.write({ dbt: dbt(path, { headers: { authorization: 'two' } }), slack: dbt('/slack') });
    const { exitCode, events } = await runFor(spec, 300, 'SIGTERM');

    expect(exitCode).toBe(1);
    expect(events.at(-1)).toMatchObject({ event: 'ended', waiting: { dbt: 1 } });
    expect(await receiver.requests(path)).toHaveLength(1);
  });
});

/** A spec with one document, and a path of the receiver that answers so. */
async function prepare(title: string, script: ReceiverResponse[]): Promise<{ spec: WeatherSpec; path: string }> {
  const path = `/${title.replaceAll(/\W+/g, '-')}`;
  await receiver.respond(path, script);
  const spec = await WeatherSpec.create();
  specs.push(spec);
  await spec.addDays(1, 1);
  return { spec, path };
}

function dbt(path: string, { url = '', ...change }: { url?: string; [field: string]: unknown } = {}): object {
  return { url: `${receiver.url}${path}${url}`, payloadTemplate: '{"run": "{{run_id}}"}', maxAttempts: 1, ...change };
}

/** A run that is ended so long after its task was opened, unless it ends by itself. */
async function runFor(spec: WeatherSpec, durationMs: number, signal: NodeJS.Signals): Promise<RunResult> {
  const run = startAftercommit(['run', spec.path, '--json'], {
    onEvent: ({ event }) => {
      if (event === 'opened') setTimeout(() => run.process.kill(signal), durationMs);
    },
  });
  return await run.ended;
}

/** The times between the requests there, in milliseconds. */
async function gapsAt(path: string): Promise<number[]> {
  const times = (await receiver.requests(path)).map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

async function keysAt(path: string): Promise<Array<string | undefined>> {
  return [...new Set((await receiver.requests(path)).map(({ idempotencyKey }) => idempotencyKey))];
}
