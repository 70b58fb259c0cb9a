import { describe, expect, it } from 'vitest';
import { materialization, SessionBench, triggerConfig } from '../test/session-bench.js';
import { TriggerSession, type TriggerSessionOptions } from './index.js';

const invalid = { code: 'SESSION_ARGUMENT_INVALID' };

describe('a session is not opened', () => {
  it.each<[string, Record<string, unknown>]>([
    ['store', { store: undefined }],
    ['materialization', { materialization: '' }],
    ['materialization', { materialization: undefined }],
    ['connectorImage', { connectorImage: 5 }],
    ['triggers', { triggers: undefined }],
    ['triggers', { triggers: { config: [] } }],
    ['triggers', { triggers: [{ url: 'https://example.com' }] }],
    ['bindings', { bindings: undefined }],
    ['bindings', { bindings: [{ collection: 'orders', resourcePath: 'orders' }] }],
    ['bindings', { bindings: [{ collection: 7, resourcePath: ['orders'] }] }],
    ['bindings', { bindings: [{ resourcePath: ['orders'] }] }],
  ])('when %s cannot be what it must be', async (option, given) => {
    const bench = new SessionBench();
    const opening = bench.open([], given as Partial<TriggerSessionOptions>);
    await expect(opening).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining(`: ${option} must be`),
    });
    expect(await bench.store.tasks()).toEqual([]);
  });

  it('without any options', async () => {
    await expect(TriggerSession.open({} as TriggerSessionOptions)).rejects.toMatchObject(invalid);
  });
});

describe('a position', () => {
  it.each([
    [undefined, 'position is undefined'],
    [Number.NaN, 'position is NaN'],
    [{ offset: 5n }, 'position.offset is a BigInt'],
    [new Map([['a', 1]]), 'position is an object of a class'],
    [[() => 1], 'position.0 is a function'],
  ])('%s is refused before anything is staged, and another may be staged then', async (position, problem) => {
    const bench = new SessionBench();
    const session = await bench.open();
    await session.acknowledged();
    await session.settled();
    const batch = session.newBatch();
    expect(() => session.stage(session.begin(), position as never, batch)).toThrow(
      expect.objectContaining({ ...invalid, message: expect.stringContaining(problem) }),
    );
    expect(batch.changes.size).toBe(0);
    session.stage(session.begin(), { offset: 5, ranges: [[1, 2]], more: null }, batch);
    await session.commit(batch);
    await session.close();
    expect((await bench.open()).position).toEqual({ offset: 5, ranges: [[1, 2]], more: null });
  });
});

describe('a transaction that was staged', () => {
  it('takes no document any more: its window is what was counted', async () => {
    const session = await new SessionBench().open();
    await session.acknowledged();
    const transaction = session.begin();
    transaction.add(0, { bytes: 1 });
    await session.settled();
    session.stage(transaction, 1, session.newBatch());
    expect(() => transaction.add(0, { bytes: 1 })).toThrow(expect.objectContaining({ code: 'SESSION_OUT_OF_ORDER' }));
    expect(transaction.window?.docs_total).toBe(1);
    await session.close();
  });

  it('is committed once', async () => {
    const session = await new SessionBench().open();
    await session.acknowledged();
    await session.settled();
    const batch = session.newBatch();
    session.stage(session.begin(), 1, batch);
    await session.commit(batch);
    await expect(session.commit(batch)).rejects.toMatchObject({ code: 'SESSION_OUT_OF_ORDER' });
    await session.acknowledged();
    await session.close();
  });
});

it('what waits for its interval is told at the end', async () => {
  const bench = new SessionBench();
  const session = await bench.open(['at-once', triggerConfig('hourly', { interval: '1h' })]);
  for (const docs of [1, 2, 3]) {
    await bench.transact(session, docs);
    await bench.acknowledge(session);
    await session.settled();
  }
  await session.close();
  expect(bench.events.at(-1)).toMatchObject({ event: 'ended', materialization, waiting: { hourly: 2 } });
});
