import { taskKeys } from '@aftercommit/persistence/records';
import type { AttemptOutcome } from '@aftercommit/registry';
import { hang } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import {
  DeliveryBench,
  holdWrites,
  materialization,
  parkedBench,
  triggerConfig,
  windowOf,
} from '../test/delivery-bench.js';

const delivered: AttemptOutcome = { outcome: 'delivered' };
const refused: AttemptOutcome = { outcome: 'rejected', reason: 'HTTP 400' };
const parks = { name: 'one', onFailure: 'park' };
const replayAll = { request: 'replay', outbox: 'one', keys: 'all' };

async function messages({ store }: DeliveryBench): Promise<number> {
  return (await store.read(materialization)).filter(([key]) => key.startsWith(taskKeys.mailbox)).length;
}

async function parkedKeys(bench: DeliveryBench): Promise<string[]> {
  return (await bench.outboxes()).flatMap(({ parked }) => parked.map(({ idempotencyKey }) => idempotencyKey));
}

describe('replaying', () => {
  it('attempts what was parked anew, in its old order, under its key and with its variables', async () => {
    const bench = await parkedBench([1, 2, 3]);
    bench.kind.respond('a', [delivered]);
    const [first, second, third] = await parkedKeys(bench);
    await bench.ask({ request: 'replay', outbox: 'one', keys: [third ?? '', first ?? ''] });
    expect(bench.kind.attempts.slice(3)).toMatchObject([
      { idempotencyKey: first, number: 1, variables: windowOf(1) },
      { idempotencyKey: third, number: 1, variables: windowOf(3) },
    ]);
    expect(await parkedKeys(bench)).toEqual([second]);
    expect(await messages(bench)).toBe(0);
    expect(bench.warnings).toEqual([]);
  });

  it('stands behind the delivery being tried, also across a restart, and in front of all others', async () => {
    const bench = await parkedBench([1, 2], { maxAttempts: 9 });
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }]);
    await bench.deliver(windowOf(3), windowOf(4));
    await bench.ask(replayAll);
    expect(await bench.held()).toEqual({ queue: [3, 1, 2, 4], parked: [] });
    await bench.close();
    bench.kind.respond('a', [delivered]);
    await bench.open(triggerConfig('a', { ...parks, maxAttempts: 9 }));
    await bench.deliver();
    await bench.clock.advance(1_000);
    expect(bench.attempted.slice(2)).toEqual([3, 3, 1, 2, 4]);
  });

  it('stands behind what an earlier session may have tried, though nothing says so', async () => {
    const bench = await parkedBench([1]);
    bench.kind.respond('a', [hang, delivered]);
    await bench.deliver(windowOf(2));
    // The process dies in the attempt.
    await bench.open(triggerConfig('a', parks));
    await bench.ask(replayAll);
    expect(await bench.held()).toEqual({ queue: [2, 1], parked: [] });
    await bench.deliver();
    expect(bench.attempted).toEqual([1, 2, 2, 1]);
  });

  it('of several keeps their order, also when one was replayed and parked before', async () => {
    const bench = await parkedBench([1, 2]);
    const [first = ''] = await parkedKeys(bench);
    await bench.ask({ request: 'replay', outbox: 'one', keys: [first] });
    bench.kind.respond('a', [delivered]);
    await bench.ask(replayAll);
    expect(bench.attempted).toEqual([1, 2, 1, 1, 2]);
  });

  it('is handed to its lane once, however often it is looked for messages until the answer is stored', async () => {
    const bench = await parkedBench([1]);
    bench.kind.respond('a', [delivered]);
    const [key = ''] = await parkedKeys(bench);
    const release = holdWrites(bench);
    await bench.store.request(materialization, { request: 'replay', outbox: 'one', keys: [key] });
    await bench.mailbox.look();
    await bench.mailbox.look();
    release();
    await bench.settle();
    await bench.mailbox.look();
    await bench.settle();
    expect(bench.attempted).toEqual([1, 1]);
    expect(bench.warnings).toEqual([]);
  });

  it('waits for no interval, and does not begin one', async () => {
    const bench = await parkedBench([1], { interval: '1h' });
    bench.kind.respond('a', [delivered]);
    await bench.deliver(windowOf(2), windowOf(3));
    await bench.clock.advance(1_800_000);
    await bench.ask(replayAll);
    expect(bench.attempted).toEqual([1, 1]);
    await bench.clock.advance(1_799_999);
    expect(bench.attempted).toEqual([1, 1]);
    await bench.clock.advance(1);
    expect(bench.attempted).toEqual([1, 1, 5]);
  });

  it('is united with nothing, though its trigger gets an interval and it was never tried again', async () => {
    const bench = await parkedBench([1, 2]);
    bench.kind.respond('a', [hang, delivered]);
    await bench.deliver(windowOf(3), windowOf(4));
    await bench.ask(replayAll);
    const keys = (await bench.outboxes())[0]?.windows.map(({ idempotencyKey }) => idempotencyKey);
    // The process dies in the attempt of the third.
    await bench.open(triggerConfig('a', { ...parks, interval: '1h' }));
    await bench.deliver();
    await bench.clock.advance(3_600_000);
    expect(bench.kind.attempts.slice(3).map(({ idempotencyKey }) => idempotencyKey)).toEqual(keys);
    expect(bench.attempted.slice(3)).toEqual([3, 1, 2, 4]);
  });

  it('goes to nobody before the session has acknowledged anything', async () => {
    const bench = await parkedBench([1]);
    await bench.close();
    bench.kind.respond('a', [delivered]);
    await bench.open(triggerConfig('a', parks));
    await bench.ask(replayAll);
    await bench.clock.advance(60_000);
    expect(bench.attempted).toEqual([1]);
    expect(await bench.held()).toEqual({ queue: [1], parked: [] });
    await bench.deliver();
    expect(bench.attempted).toEqual([1, 1]);
  });

  it('stands in front of what committed and is not visible yet', async () => {
    const bench = await parkedBench([1]);
    bench.kind.respond('a', [delivered]);
    await bench.commit(windowOf(2));
    await bench.ask(replayAll);
    expect(bench.attempted).toEqual([1, 1]);
    await bench.deliver();
    expect(bench.attempted).toEqual([1, 1, 2]);
  });

  it('is answered while an attempt goes on', async () => {
    const bench = await parkedBench([1]);
    bench.kind.respond('a', [hang]);
    await bench.deliver(windowOf(2));
    await bench.ask(replayAll);
    expect(await messages(bench)).toBe(0);
    expect(await bench.held()).toEqual({ queue: [2, 1], parked: [] });
  });

  it('is answered while a lane waits for its next attempt, and does not hurry it', async () => {
    const bench = await parkedBench([1], { maxAttempts: 3 });
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }, delivered]);
    await bench.deliver(windowOf(2));
    await bench.clock.advance(500);
    await bench.ask(replayAll);
    expect(await bench.held()).toEqual({ queue: [2, 1], parked: [] });
    await bench.clock.advance(499);
    expect(bench.attempted).toEqual([1, 2]);
    await bench.clock.advance(1);
    expect(bench.attempted).toEqual([1, 2, 2, 1]);
  });

  it('parks again what fails again, with a round of its own', async () => {
    const bench = await parkedBench([1, 2], { maxAttempts: 2 });
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }]);
    await bench.clock.advance(60_000);
    const [, second = ''] = await parkedKeys(bench);
    await bench.ask({ request: 'replay', outbox: 'one', keys: [second] });
    await bench.clock.advance(1_000);
    const [outbox] = await bench.outboxes();
    expect(outbox?.parked.map(({ window }) => window.docs_total)).toEqual([1, 2]);
    expect(outbox?.parked[1]).toMatchObject({ attempts: 2, outcome: 'exhausted', reason: 'HTTP 503' });
    expect(outbox?.parked[1]?.failingSinceAt).toBe(Date.UTC(2024, 0, 1) + 60_000);
    expect(outbox?.delivery).toBeUndefined();
  });

  it('happens once, though the process dies before the lane could answer', async () => {
    const bench = await parkedBench([1]);
    bench.kind.respond('a', [delivered]);
    await bench.store.request(materialization, replayAll);
    await bench.close();
    await bench.open(triggerConfig('a', parks));
    await bench.deliver();
    expect(bench.attempted).toEqual([1]);
    await bench.mailbox.look();
    await bench.mailbox.look();
    await bench.settle();
    expect(bench.attempted).toEqual([1, 1]);
  });

  it('holds up commits where the policy is block', async () => {
    const bench = await parkedBench([1]);
    await bench.close();
    bench.kind.respond('a', [refused]);
    await bench.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await bench.deliver();
    await bench.ask(replayAll);
    expect(bench.failures).toMatchObject([{ code: 'DELIVERY_REJECTED' }]);
    expect(await bench.held()).toEqual({ queue: [1], parked: [] });
  });
});

describe('dropping', () => {
  it('forgets what was named, and nothing else', async () => {
    const bench = await parkedBench([1, 2]);
    const [first = ''] = await parkedKeys(bench);
    await bench.ask({ request: 'drop', outbox: 'one', keys: [first] });
    expect(await bench.held()).toEqual({ queue: [], parked: [2] });
    await bench.ask({ request: 'drop', outbox: 'one', keys: 'all' });
    expect(await bench.held()).toEqual({ queue: [], parked: [] });
    expect(bench.attempted).toEqual([1, 2]);
    expect(await messages(bench)).toBe(0);
  });
});

describe('an outbox without a trigger', () => {
  async function lonelyBench(): Promise<DeliveryBench> {
    const bench = await parkedBench([1, 2]);
    await bench.commit(windowOf(3));
    await bench.close();
    await bench.open(triggerConfig('b', { name: 'two' }));
    return bench;
  }

  it('can be dropped, with everything in it', async () => {
    const bench = await lonelyBench();
    await bench.ask({ request: 'drop-outbox', outbox: 'one' });
    const left = (await bench.store.read(materialization)).map(([key]) => key);
    expect(left).toEqual([taskKeys.lastOutbox, taskKeys.outbox('000002')]);
    expect(bench.warnings).toEqual([]);
  });

  it('lets go what is parked, one by one', async () => {
    const bench = await lonelyBench();
    const [first = '', second = ''] = await parkedKeys(bench);
    await bench.ask({ request: 'drop', outbox: 'one', keys: [first] });
    expect(await bench.held()).toEqual({ queue: [3], parked: [2] });
    await bench.ask({ request: 'drop', outbox: 'one', keys: [first, second] });
    expect(await bench.held()).toEqual({ queue: [3], parked: [] });
    expect(bench.warnings).toEqual([`acme/orders: outbox "one": there is nothing to drop under ${first}.`]);
  });

  it('can have nothing replayed', async () => {
    const bench = await lonelyBench();
    await bench.ask(replayAll);
    expect(await bench.held()).toEqual({ queue: [3], parked: [1, 2] });
    expect(await messages(bench)).toBe(0);
    expect(bench.warnings).toEqual([expect.stringContaining('outbox "one" has no trigger that could deliver')]);
  });
});

describe('a message that cannot be followed', () => {
  it.each([
    ['is none', { request: 'burn' }, 'could not be understood'],
    ['names no outbox of this task', { ...replayAll, outbox: 'two' }, 'there is no outbox "two" in which'],
    [
      'would drop an outbox that is in use',
      { request: 'drop-outbox', outbox: 'one' },
      'there is no outbox "one" without',
    ],
    [
      'names what is not parked',
      { ...replayAll, keys: ['msg_x'] },
      'trigger "one": there is nothing to replay under msg_x',
    ],
  ])('because it %s is removed, and said', async (_why, message, warning) => {
    const bench = await parkedBench([1]);
    await bench.ask(message);
    expect(bench.warnings).toEqual([expect.stringContaining(warning)]);
    expect(bench.warnings[0]).toMatch(/^acme\/orders: .*\.$/);
    expect(await messages(bench)).toBe(0);
    expect(await bench.held()).toEqual({ queue: [], parked: [1] });
  });

  it('in part has its effect on the rest', async () => {
    const bench = await parkedBench([1]);
    const [first = ''] = await parkedKeys(bench);
    await bench.ask({ request: 'drop', outbox: 'one', keys: ['msg_x', first] });
    expect(await bench.held()).toEqual({ queue: [], parked: [] });
    expect(bench.warnings).toEqual([expect.stringContaining('nothing to drop under msg_x')]);
  });
});

it('a mailbox is looked into whenever the store says so, without a timer, until it is stopped', async () => {
  const bench = await parkedBench([1]);
  bench.kind.respond('a', [delivered]);
  bench.mailbox.run((error) => bench.failures.push(error));
  await bench.settle();
  expect(bench.clock.sleepers).toEqual([]);
  for (const keys of [['msg_x'], 'all']) {
    await bench.store.request(materialization, { request: 'replay', outbox: 'one', keys });
    await bench.settle();
    expect(await messages(bench)).toBe(0);
  }
  expect(bench.attempted).toEqual([1, 1]);
  await bench.mailbox.stop();
  await bench.store.request(materialization, { request: 'drop-outbox', outbox: 'two' });
  await bench.clock.advance(60_000);
  expect([await messages(bench), bench.clock.sleepers, bench.failures]).toEqual([1, [], []]);
});

it('a mailbox misses no message that comes while it looks', async () => {
  const bench = await parkedBench([1]);
  const { state } = bench;
  const list = state.list.bind(state);
  let isFirst = true;
  state.list = async (prefix) => {
    const found = await list(prefix);
    if (isFirst) await bench.store.request(materialization, { request: 'burn' });
    isFirst = false;
    return found;
  };
  bench.mailbox.run((error) => bench.failures.push(error));
  await bench.settle();
  expect(await messages(bench)).toBe(0);
  await bench.mailbox.stop();
});

it('a mailbox that is stopped, or fails, listens no more', async () => {
  for (const isStopped of [true, false]) {
    const bench = await parkedBench([1]);
    let listening = 0;
    const { state } = bench;
    Object.assign(state, {
      onMessage: () => {
        listening += 1;
        return () => {
          listening -= 1;
        };
      },
    });
    if (!isStopped) state.list = () => Promise.reject(new Error('no list'));
    bench.mailbox.run((error) => bench.failures.push(error));
    expect(listening).toBe(1);
    if (isStopped) await bench.mailbox.stop();
    else await bench.settle();
    expect([listening, bench.failures.length]).toEqual([0, isStopped ? 0 : 1]);
  }
});

it('a mailbox of a session that was overtaken learns it, though nobody asks anything', async () => {
  const bench = await parkedBench([1]);
  bench.mailbox.run((error) => bench.failures.push(error));
  await bench.settle();
  await bench.store.open(materialization, 'successor');
  await bench.settle();
  expect(bench.failures).toMatchObject([{ code: 'STORE_FENCED' }]);
});

it('a mailbox of a store that tells nobody is looked into every second until it is stopped', async () => {
  const bench = await parkedBench([1]);
  bench.kind.respond('a', [delivered]);
  Object.assign(bench.state, { onMessage: undefined });
  bench.mailbox.run((error) => bench.failures.push(error));
  await bench.settle();
  await bench.store.request(materialization, replayAll);
  await bench.clock.advance(999);
  expect(bench.attempted).toEqual([1]);
  await bench.clock.advance(1);
  expect(bench.attempted).toEqual([1, 1]);
  await bench.mailbox.stop();
  await bench.store.request(materialization, { request: 'drop-outbox', outbox: 'two' });
  await bench.clock.advance(60_000);
  expect([await messages(bench), bench.clock.sleepers]).toEqual([1, []]);
});

it('a mailbox of a fenced session removes nothing', async () => {
  const bench = await parkedBench([1]);
  bench.mailbox.run((error) => bench.failures.push(error));
  await bench.settle();
  await bench.store.open(materialization, 'successor');
  await bench.store.request(materialization, { request: 'burn' });
  await bench.clock.advance(1_000);
  expect(bench.failures).toMatchObject([{ code: 'STORE_FENCED' }]);
  expect(await messages(bench)).toBe(1);
});

describe('a message that was left while no session was open', () => {
  const parking = { onFailure: 'park' };

  it.each(['replay', 'drop'])(
    'to %s follows its outbox to the name that a corrected target gives it',
    async (request) => {
      const bench = new DeliveryBench();
      bench.kind.respond('a', [{ outcome: 'rejected', reason: 'HTTP 400' }]);
      await bench.open(triggerConfig('a', parking));
      await bench.deliver(windowOf(1));
      const [outbox] = await bench.outboxes();
      await bench.close();
      const keys = outbox?.parked.map(({ idempotencyKey }) => idempotencyKey) ?? [];
      await bench.store.request(materialization, { request, outbox: String(outbox?.about.name), keys });
      await bench.open(triggerConfig('b', parking));
      await bench.mailbox.look();
      await bench.deliver();
      expect(bench.warnings).toEqual([]);
      expect(await bench.held()).toEqual({ queue: [], parked: [] });
      expect(bench.attempted).toEqual(request === 'replay' ? [1, 1] : [1]);
    },
  );

  it('goes to the outbox that had the name then, when another has it now', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [{ outcome: 'rejected', reason: 'HTTP 400' }, { outcome: 'delivered' }]);
    await bench.open([
      ...triggerConfig('a', { name: 'x', ...parking }),
      ...triggerConfig('b', { name: 'y', ...parking }),
    ]);
    await bench.deliver(windowOf(1));
    await bench.close();
    await bench.store.request(materialization, { request: 'replay', outbox: 'x', keys: 'all' });
    await bench.open([
      ...triggerConfig('a', { name: 'z', ...parking }),
      ...triggerConfig('b', { name: 'y', ...parking }),
    ]);
    await bench.mailbox.look();
    await bench.deliver();
    expect(bench.warnings).toEqual([]);
    expect((await bench.outboxes()).flatMap(({ parked }) => parked)).toEqual([]);
  });
});
