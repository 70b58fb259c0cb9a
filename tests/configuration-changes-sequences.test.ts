import { readFile, writeFile } from 'node:fs/promises';
import type { StoredOutbox } from '@aftercommit/persistence/records';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aftercommit } from './aftercommit-run.js';
import { ConfigurationStory, type Hooks, type Outcome } from './configuration-changes-story.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.stop();
});

async function withStory(prefix: string, tell: (story: ConfigurationStory) => Promise<void>): Promise<void> {
  const story = await ConfigurationStory.begin(receiver, prefix);
  try {
    await tell(story);
  } finally {
    await story.remove();
  }
}

const trio = { a: { url: '/a' }, i: { url: '/i', interval: '1h' }, p: { url: '/p', onFailure: 'park' } };

/** Two transactions: the second one fails at `/a`, waits for the interval of `/i`, and is parked at `/p`. */
async function leaveWindows(story: ConfigurationStory, hooks: Hooks): Promise<Outcome> {
  await story.respond('/a', [{ status: 200 }, { status: 503, headers: { 'retry-after': '600' } }, { status: 200 }]);
  await story.respond('/p', [{ status: 200 }, { status: 400 }, { status: 200 }]);
  await story.addDays(1);
  return await story.run(hooks);
}

test('a trigger that is removed and returns under its name goes on, at another URL too', async () => {
  await withStory('/returned', async (story) => {
    await leaveWindows(story, { a: { url: '/a' }, b: { url: '/b' } });
    const without = await story.run({ b: { url: '/b' } });
    expect(without).toMatchObject({ arrived: { '/b': '3' }, left: ['A a alone: A2'] });
    const returned = await story.run({ b: { url: '/b' }, a: { url: '/c' } });
    // What committed while it was away was none of its business.
    expect(returned).toMatchObject({ arrived: { '/b': '4', '/c': 'A2 4' }, left: [], result: { exitCode: 0 } });
  });
});

test('triggers that are removed altogether and put back find everything as it was', async () => {
  await withStory('/put-back', async (story) => {
    const first = await leaveWindows(story, trio);
    const without = await story.run(undefined);
    expect(without.left).toEqual(['A a alone: A2', 'B i alone: B2', 'C p alone: parked C2']);
    const back = await story.run(trio, '--retry-now');
    expect(back.arrived).toEqual({ '/a': 'A2 4', '/p': '4' });
    expect(back.left).toEqual(['B i: B2 B4', 'C p: parked C2']);
    expect(back.outboxes.map(({ lastFired }) => lastFired)).toEqual(first.outboxes.map(({ lastFired }) => lastFired));
    expect(back.outboxes[2]?.parked).toEqual(first.outboxes[2]?.parked);
  });
});

test.each<[what: string, spoil: (spec: string) => string]>([
  ['a kind that does not exist', (spec) => spec.replace('"url"', '"kind": "webhok", "url"')],
  ['a template that cannot be rendered', (spec) => spec.replace('{{run_id}}', '{{runid}}')],
  ['a file that ends in the middle', (spec) => spec.slice(0, -20)],
])('%s changes nothing in the state, and the corrected spec goes on', async (what, spoil) => {
  await withStory(`/invalid-${what.length}`, async (story) => {
    await leaveWindows(story, trio);
    const before = await story.outboxes();
    const text = await readFile(story.spec.path, 'utf8');
    await writeFile(story.spec.path, spoil(text));
    expect(await story.runAsItIs()).toMatchObject({ arrived: {}, result: { exitCode: 2 } });
    expect(await story.outboxes()).toEqual(before);
    await writeFile(story.spec.path, text);
    const corrected = await story.runAsItIs('--retry-now');
    expect(corrected).toMatchObject({ arrived: { '/a': 'A2' }, left: ['B i: B2', 'C p: parked C2'] });
  });
});

test('fewer attempts than were made already leave one for each start', async () => {
  await withStory('/fewer', async (story) => {
    await story.respond('/a', [{ status: 503 }, { hang: true }]);
    await story.edit({ a: { url: '/a', maxAttempts: 5 } });
    await story.addDays(1);
    const killed = await story.runAndKill({ '/a': 2 }, 0);
    expect(killed.outboxes[0]?.delivery).toMatchObject({ rounds: 0, attempts: 1 });

    await story.respond('/a', [{ status: 503 }, { status: 200 }]);
    const failed = await story.run({ a: { url: '/a', maxAttempts: 1 } });
    expect(failed).toMatchObject({ arrived: { '/a': 'A1' }, left: ['A a: A1'], result: { exitCode: 1 } });
    expect(failed.outboxes[0]?.delivery).toMatchObject({ rounds: 1, attempts: 0 });
    const last = await story.runAsItIs();
    expect(last).toMatchObject({ arrived: { '/a': 'A1 2' }, left: [], result: { exitCode: 0 } });
  });
});

test('hosts with different specs that take turns lose nothing, deliver nothing twice, and make no outboxes multiply', async () => {
  await withStory('/hosts', async (story) => {
    const hosts = (given: object): Hooks[] => [
      { dbt: { url: '/dbt', ...given }, slack: { url: '/slack', ...given } },
      [
        { url: '/slack', as: 'y', ...given },
        { url: '/mail', ...given },
        { url: '/slack', as: 'z', ...given },
      ],
    ];
    const outcomes: Outcome[] = [];
    const partners: string[][] = [];
    const [one, other] = hosts({ interval: '1h' });
    // The first run of each delivers, the second one leaves what waits.
    for (const hooks of [one, one, other, other, one, other, one, other]) {
      const outcome = await story.run(hooks);
      expect(outcome.result.exitCode, outcome.result.stderr).toBe(0);
      expect(outcome.outboxes.length).toBeLessThanOrEqual(5);
      outcomes.push(outcome);
      partners.push(outcome.outboxes.filter(({ about }) => about.hasPartner).map(({ id }) => id));
    }
    expect(partners.slice(6)).toEqual(partners.slice(4, 6));
    const waiting = keysIn(outcomes.at(-1)?.outboxes ?? []);
    expect(waiting.length).toBeGreaterThan(10);

    for (const hooks of [...hosts({}), ...hosts({})]) outcomes.push(await story.run(hooks));
    expect(outcomes.at(-1)).toMatchObject({ left: [], result: { exitCode: 0, stderr: '' } });
    const keys = outcomes.flatMap(({ requests }) => [...requests.values()].flat()).map((one) => one.idempotencyKey);
    // Six commits with two triggers, and six with three; none was united.
    expect(new Set(keys).size).toBe(30);
    expect(keys).toHaveLength(30);
    expect(keys).toEqual(expect.arrayContaining(waiting));
  });
});

test('a trigger that is moved to another materialization leaves its windows behind, and they are named', async () => {
  await withStory('/moved', async (story) => {
    await leaveWindows(story, { a: { url: '/a' } });
    const spec = JSON.parse(await readFile(story.spec.path, 'utf8'));
    const [[name, { triggers, ...materialization }]] = Object.entries<Record<string, object>>(
      spec.materializations,
    ) as [[string, Record<string, object>]];
    const bindings = [{ source: 'acmeCo/weather', resource: { table: 'other' } }];
    spec.materializations = {
      [name]: materialization,
      'acmeCo/views/other': { ...materialization, bindings, triggers },
    };
    await writeFile(story.spec.path, JSON.stringify(spec));
    const moved = await story.runAsItIs();
    // Its new materialization begins with what it commits itself, under keys of its own.
    const keys = [...moved.requests.values()].flat().map(({ idempotencyKey }) => idempotencyKey);
    expect(keys).toHaveLength(2);
    const [kept] = keysIn(moved.outboxes.filter(({ about }) => !about.hasPartner));
    expect(kept).toMatch(/^msg_/);
    expect(keys).not.toContain(kept);
    expect(moved.result.stderr).toContain(`${name}: outbox "a" holds 1 undelivered window`);
    expect(await story.status()).toContain('a: has no trigger any more, and keeps 1 window');
  });
});

test('a materialization that is renamed is refused its table, and nothing of what waits is touched', async () => {
  await withStory('/renamed', async (story) => {
    await leaveWindows(story, { a: { url: '/a' } });
    const before = await story.outboxes();
    const text = await readFile(story.spec.path, 'utf8');
    await writeFile(story.spec.path, text.replace('acmeCo/views/weather', 'acmeCo/views/climate'));
    const renamed = await aftercommit(['run', story.spec.path, '--json']);
    expect(renamed.exitCode).toBe(1);
    expect(renamed.stderr).toContain('it belongs to the materialization "acmeCo/views/weather"');
    const named = /^acmeCo\/views\/weather: is not in .*, and keeps 1 window to deliver; /m;
    expect(await story.status()).toMatch(named);
    await writeFile(story.spec.path, text);
    expect(await story.outboxes()).toEqual(before);
    expect(await story.runAsItIs('--retry-now')).toMatchObject({ arrived: { '/a': 'A2' }, left: [] });
  });
});

function keysIn(outboxes: readonly StoredOutbox[]): string[] {
  return outboxes.flatMap(({ windows }) => windows.map(({ idempotencyKey }) => idempotencyKey));
}
