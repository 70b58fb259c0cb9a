import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReceivedRequest, type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleProgram } from './bundle-program.js';

const program = await bundleProgram('tests/crash-points-pipeline.ts', 'crash-points');

/** Three transactions of one, two and three documents; two triggers. A run that is not killed reaches each so often. */
const occurrences: Record<string, number> = {
  'before-open-task': 1,
  'after-open-task': 1,
  'before-opening-write': 1,
  'after-opening-write': 1,
  'before-attempt': 6,
  'after-attempt': 6,
  'before-clear-write': 6,
  'after-clear-write': 6,
  'before-commit': 3,
  'after-commit': 3,
};

let receiver: Receiver;
let folder: string;

beforeAll(async () => {
  receiver = await startReceiver();
  folder = await mkdtemp(join(tmpdir(), 'crash-points-'));
});

afterAll(async () => {
  await receiver.stop();
  await rm(folder, { recursive: true });
});

test('a run that is not killed reaches every point as often as the table says', async () => {
  const { exitCode, output } = await run('whole');
  expect(exitCode).toBe(0);
  expect(JSON.parse(output)).toEqual(occurrences);
  for (const path of ['/whole/a', '/whole/b']) expect(summary(await receiver.requests(path))).toEqual(everything);
});

describe.concurrent('killed with SIGKILL', () => {
  const table = Object.entries(occurrences).flatMap(([point, count]) =>
    Array.from({ length: count }, (_, index) => [point, index + 1] as const),
  );

  test.each(table)('%s, time %i: everything arrives, and only what was in flight comes twice', async (point, time) => {
    const name = `${point}-${time}`;
    expect((await run(name, point, time)).exitCode).toBeNull();
    expect((await run(name)).exitCode).toBe(0);

    const requests = [...(await receiver.requests(`/${name}/a`)), ...(await receiver.requests(`/${name}/b`))];
    for (const path of ['a', 'b']) {
      expect(summary(requests.filter((request) => request.path.endsWith(`/${path}`)))).toEqual(everything);
    }
    // I7: only a delivery that the receiver had accepted, and whose clear was not durable, is repeated.
    const repeated = requests.length - new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size;
    const isAccepted = point === 'after-attempt' || point === 'before-clear-write';
    const isIdle = /-(commit|open-task|opening-write)$/.test(point);
    // Of two lanes, the other one may be in flight at any moment of a delivery.
    expect(repeated).toBeGreaterThanOrEqual(isAccepted ? 1 : 0);
    expect(repeated).toBeLessThanOrEqual(isIdle ? 0 : isAccepted ? 2 : 1);
  });
});

/** Every transaction once, in commit order, with one key and one content. */
const everything = { docs: [1, 2, 3], areConsistent: true, isInOrder: true };

function summary(requests: ReceivedRequest[]): typeof everything {
  const runs = new Map<string, { docs: number; key: string | undefined; body: string }>();
  let areConsistent = true;
  for (const { body, idempotencyKey } of requests) {
    const { run: runId, docs }: { run: string; docs: number } = JSON.parse(body);
    const first = runs.get(runId);
    if (first === undefined) runs.set(runId, { docs, key: idempotencyKey, body });
    else areConsistent &&= first.key === idempotencyKey && first.body === body;
  }
  const order = [...runs.keys()];
  return {
    docs: [...runs.values()].map(({ docs }) => docs),
    areConsistent,
    isInOrder: order.every((runId, index) => index === 0 || runId > (order[index - 1] ?? '')),
  };
}

/** Each run has a database and receiving paths of its own. */
async function run(name: string, ...at: Array<string | number>): Promise<{ exitCode: number | null; output: string }> {
  const options = [join(folder, `${name}.db`), `${receiver.url}/${name}`, ...at.map(String)];
  const child = spawn(process.execPath, [program, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, output };
}
