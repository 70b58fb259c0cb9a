import type { Json } from '@aftercommit/models';
import { WriteBatch } from '@aftercommit/persistence';
import { type CommitRecord, taskKeys } from '@aftercommit/persistence/records';
import { describe, expect, test } from 'vitest';
import { errorOf, materialization, SessionBench } from '../test/session-bench.js';

describe('a last commit that was damaged', () => {
  test.each<[string, (record: CommitRecord) => Json]>([
    [
      'another run id',
      ({ runtimeCheckpoint, owner }) => ({ owner, runtimeCheckpoint: { ...runtimeCheckpoint, runId: 'x' } }),
    ],
    ['no runtime checkpoint', ({ owner }) => ({ owner, runtimeCheckpoint: null })],
    [
      'no window',
      ({ runtimeCheckpoint, owner }) => ({ owner, runtimeCheckpoint: { ...runtimeCheckpoint, window: {} } }),
    ],
  ])('is an error with a code, and changes nothing: %s', async (_what, damage) => {
    const bench = new SessionBench();
    const session = await bench.open();
    await bench.transact(session, 1);
    await session.close();
    const state = await bench.store.open(materialization, 'whoever damages it');
    const key = taskKeys.commit(1);
    await state.write(new WriteBatch().put(key, damage((await state.get(key)) as CommitRecord)));
    const before = await bench.store.read(materialization);

    expect(await errorOf(bench.open())).toMatchObject({ code: 'STORE_CORRUPT' });

    expect(await bench.store.read(materialization)).toEqual(before);
  });
});
