import { describe, expect, it } from 'vitest';
import { materialization, triggerConfig } from '../../runtime-adapter/test/session-bench.js';
import { TelemetryBench } from '../test/telemetry-bench.js';

const task = { 'aftercommit.materialization': materialization };
const ofA = { ...task, 'aftercommit.trigger': 'a', 'aftercommit.kind': 'scripted' };
const ofB = { ...ofA, 'aftercommit.trigger': 'b' };
const unavailable = { outcome: 'retry', reason: 'HTTP 503' } as const;
const refused = { outcome: 'rejected', reason: 'HTTP 400' } as const;

describe('a metric', () => {
  it('counts transactions, their documents and bytes', async () => {
    const { bench, points, given } = new TelemetryBench();
    const session = await bench.open(['a'], given);
    for (const docs of [3, 0]) {
      await bench.transact(session, docs);
      await bench.acknowledge(session);
    }
    expect(await points('aftercommit.transactions')).toEqual([[task, 2]]);
    expect(await points('aftercommit.documents')).toEqual([[task, 3]]);
    expect(await points('aftercommit.document.size')).toEqual([[task, 30]]);
    await session.close();
  });

  it('measures a commit from its staging until it is visible', async () => {
    const { bench, points, given } = new TelemetryBench();
    const session = await bench.open(['a'], given);
    await bench.transact(session, 1);
    await bench.clock.advance(250);
    await bench.acknowledge(session);
    expect(await points('aftercommit.commit.duration')).toEqual([[task, { count: 1, sum: 0.25 }]]);
    await session.close();
  });

  it('counts attempts by outcome, and measures them', async () => {
    const { bench, points, given } = new TelemetryBench();
    const slowly = async () => {
      await bench.clock.sleep(200);
      return { outcome: 'delivered' } as const;
    };
    bench.kind.respond('a', [unavailable, slowly]);
    const session = await bench.open(['a'], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await bench.clock.advance(1_000);
    await bench.clock.advance(200);
    const retry = { ...ofA, 'aftercommit.outcome': 'retry' };
    const delivered = { ...ofA, 'aftercommit.outcome': 'delivered' };
    expect(await points('aftercommit.attempts')).toEqual([
      [retry, 1],
      [delivered, 1],
    ]);
    expect(await points('aftercommit.attempt.duration')).toEqual([
      [retry, { count: 1, sum: 0 }],
      [delivered, { count: 1, sum: 0.2 }],
    ]);
    await session.close();
  });

  it('measures a delivery from its commit', async () => {
    const { bench, points, given } = new TelemetryBench();
    const session = await bench.open(['a', triggerConfig('b', { interval: '60s' })], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await bench.clock.advance(10_000);
    // Waits for the rest of the interval.
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await bench.clock.advance(50_000);
    expect(await points('aftercommit.delivery.duration')).toEqual([
      [ofA, { count: 2, sum: 0 }],
      [ofB, { count: 2, sum: 50 }],
    ]);
    await session.close();
  });

  it('measures a delivery from the beginning of its transaction, when another session committed it', async () => {
    const { bench, points, given } = new TelemetryBench();
    const before = await bench.open(['a']);
    await bench.transact(before, 1);
    await before.close();
    await bench.clock.advance(60_000);
    const session = await bench.open(['a'], given);
    await bench.acknowledge(session);
    expect(await points('aftercommit.delivery.duration')).toEqual([[ofA, { count: 1, sum: 60 }]]);
    await session.close();
  });

  it('says how much is pending, for how long, and what is parked', async () => {
    const { bench, points, given } = new TelemetryBench();
    bench.kind.respond('a', [unavailable, { outcome: 'delivered' }]);
    bench.kind.respond('b', [refused]);
    const session = await bench.open(['a', { ...triggerConfig('b'), onFailure: 'park' }], given);
    const all = async () => [
      await points('aftercommit.pending.windows'),
      await points('aftercommit.pending.age'),
      await points('aftercommit.parked.deliveries'),
    ];
    const each = (a: number, b: number) => [
      [ofA, a],
      [ofB, b],
    ];
    expect(await all()).toEqual([each(0, 0), each(0, 0), each(0, 0)]);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await bench.clock.advance(400);
    expect(await all()).toEqual([each(1, 0), each(0.4, 0), each(0, 1)]);
    await bench.clock.advance(600);
    expect(await all()).toEqual([each(0, 0), each(0, 0), each(0, 1)]);
    await session.close();
  });
});

describe('a session that ended', () => {
  it('because of a failure stays in sight with what it left, until the next is opened', async () => {
    const { bench, points, given } = new TelemetryBench();
    bench.kind.respond('a', [refused]);
    const session = await bench.open(['a'], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await expect(session.close()).rejects.toThrow('HTTP 400');
    await bench.clock.advance(90_000);
    expect(await points('aftercommit.sessions')).toEqual([[task, 0]]);
    expect(await points('aftercommit.pending.age')).toEqual([[ofA, 90]]);
    const failure = { ...task, 'error.type': 'DELIVERY_REJECTED' };
    expect(await points('aftercommit.session.failures')).toEqual([[failure, 1]]);
    bench.kind.respond('a', [{ outcome: 'delivered' }]);
    const next = await bench.open(['a'], { ...given, retryNow: true });
    await bench.acknowledge(next);
    expect(await points('aftercommit.sessions')).toEqual([[task, 1]]);
    expect(await points('aftercommit.pending.age')).toEqual([[ofA, 0]]);
    await next.close();
  });

  it("in good order leaves no gauge of its outboxes: they are the next one's, wherever that is", async () => {
    const { bench, points, given } = new TelemetryBench();
    bench.kind.respond('a', [unavailable]);
    const session = await bench.open(['a'], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await session.close();
    expect(await points('aftercommit.pending.windows')).toEqual([]);
    expect(await points('aftercommit.sessions')).toEqual([[task, 0]]);
  });

  it('because another took the task over leaves none either', async () => {
    const { bench, points, given } = new TelemetryBench();
    bench.kind.respond('a', [unavailable]);
    const session = await bench.open(['a'], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await bench.store.open(materialization, 'another process');
    await expect(session.acknowledged().then(() => session.close())).rejects.toMatchObject({ code: 'STORE_FENCED' });
    expect(await points('aftercommit.pending.windows')).toEqual([]);
  });

  it('with the code of a stranger has none among its attributes', async () => {
    const { bench, points, given } = new TelemetryBench();
    const session = await bench.open(['a'], given);
    await session.fail(Object.assign(new Error('no row'), { code: 'row 17 of /home/ann' }));
    expect(await points('aftercommit.session.failures')).toEqual([[{ ...task, 'error.type': '_OTHER' }, 1]]);
  });
});
