import { describe, expect, test } from 'vitest';
import { type DoneDeliveries, OncePerDelivery, RecentDeliveries } from './once-per-delivery.js';

/** Work that is under way until it is told how it ends. */
function heldWork() {
  const runs: Array<{ succeed: () => void; fail: () => void }> = [];
  const work = () =>
    new Promise<void>((resolve, reject) => {
      runs.push({ succeed: resolve, fail: () => reject(new Error('the disk is full')) });
    });
  return { runs, work };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the work for a delivery', () => {
  test('is done once, whatever comes again afterwards', async () => {
    const once = new OncePerDelivery();
    let runs = 0;
    const work = async () => {
      runs += 1;
    };
    expect([await once.run('a', work), await once.run('a', work), await once.run('b', work)]).toEqual([
      'done',
      'repeated',
      'done',
    ]);
    expect(runs).toBe(2);
  });

  test('is waited for by what comes meanwhile', async () => {
    const once = new OncePerDelivery();
    const { runs, work } = heldWork();
    const both = [once.run('a', work), once.run('a', work)];
    await turn();
    expect(runs).toHaveLength(1);
    runs[0]?.succeed();
    expect(await Promise.all(both)).toEqual(['done', 'repeated']);
  });

  test('is done again when it failed, and everybody who waited for it learns that', async () => {
    const once = new OncePerDelivery();
    const { runs, work } = heldWork();
    const both = Promise.allSettled([once.run('a', work), once.run('a', work)]);
    await turn();
    runs[0]?.fail();
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = once.run('a', work);
    await turn();
    runs[1]?.succeed();
    expect(await again).toBe('done');
  });

  test('of another delivery does not wait', async () => {
    const once = new OncePerDelivery();
    const { runs, work } = heldWork();
    const first = once.run('a', work);
    expect(await once.run('b', async () => undefined)).toBe('done');
    runs[0]?.succeed();
    await first;
  });
});

describe('what was done is remembered', () => {
  test('in memory, the last ones only', async () => {
    const recent = new RecentDeliveries(2);
    for (const key of ['a', 'b', 'b', 'c']) await recent.add(key);
    expect(await Promise.all(['a', 'b', 'c'].map((key) => recent.has(key)))).toEqual([false, true, true]);
  });

  test('in a memory of the receiver, once it is done and not before', async () => {
    const calls: string[] = [];
    const keys = new Set(['old']);
    const store: DoneDeliveries = {
      has: async (key) => {
        calls.push(`has ${key}`);
        return keys.has(key);
      },
      add: async (key) => {
        calls.push(`add ${key}`);
        keys.add(key);
      },
    };
    const once = new OncePerDelivery(store);
    const work = async () => void calls.push('work');
    expect([await once.run('old', work), await once.run('new', work)]).toEqual(['repeated', 'done']);
    expect(calls).toEqual(['has old', 'has new', 'work', 'add new']);
  });

  test('or the sender is told that it is not', async () => {
    const broken: DoneDeliveries = {
      has: async () => false,
      add: async () => {
        throw new Error('the database is gone');
      },
    };
    await expect(new OncePerDelivery(broken).run('a', async () => undefined)).rejects.toThrow('database is gone');
  });
});
