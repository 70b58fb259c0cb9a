import { seededRandom } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { fairShares } from './fair-shares.js';

const listOf = (count: number, from = 0): Set<string> =>
  new Set(Array.from({ length: count }, (_none, index) => `task-${from + index}`));

describe('the shares of workers', () => {
  it('are even to within one, and are all tasks together', () => {
    const lists = new Map([['a', listOf(1_000)]]);
    const workers = Array.from({ length: 7 }, (_none, worker) => ({ worker, digest: 'a' }));
    const quotas = workers.map(({ worker }) => fairShares(worker, workers, lists).map(({ quota }) => quota));
    expect(quotas).toEqual([[143], [143], [143], [143], [143], [143], [142]]);
  });

  it('are nothing for a worker that is none, and for more workers than tasks', () => {
    const lists = new Map([['a', listOf(1)]]);
    const workers = [1, 2].map((worker) => ({ worker, digest: 'a' }));
    expect([1, 2, 3].map((me) => fairShares(me, workers, lists).map(({ quota }) => quota))).toEqual([[1], [0], []]);
  });

  it('leave no task to nobody while a new list is rolled out', () => {
    const lists = new Map([
      ['old', listOf(10)],
      ['new', listOf(10, 5)],
    ]);
    const workers = [
      { worker: 1, digest: 'old' },
      { worker: 2, digest: 'old' },
      { worker: 3, digest: 'new' },
    ];
    const shares = workers.map(({ worker }) => fairShares(worker, workers, lists));
    const sizes = (one: ReturnType<typeof fairShares>): number[][] =>
      one.map(({ tasks, quota }) => [tasks.size, quota]);
    // 0–4 are of the old list alone, 10–14 of the new one alone, 5–9 of both.
    expect(shares.map(sizes)).toEqual([
      [
        [5, 3],
        [5, 2],
      ],
      [
        [5, 2],
        [5, 3],
      ],
      [
        [5, 5],
        [5, 0],
      ],
    ]);
  });

  it('are all tasks together, whatever the lists are', () => {
    const { fraction } = seededRandom('fair shares');
    for (let round = 0; round < 200; round += 1) {
      const lists = new Map(
        ['a', 'b', 'c'].map((digest) => [digest, listOf(Math.floor(fraction() * 20), Math.floor(fraction() * 10))]),
      );
      const workers = Array.from({ length: 1 + Math.floor(fraction() * 6) }, (_none, worker) => ({
        worker,
        digest: ['a', 'b', 'c'][Math.floor(fraction() * 3)] ?? 'a',
      }));
      const offered = new Set(workers.flatMap(({ digest }) => [...(lists.get(digest) ?? [])]));
      const quotas = workers.flatMap(({ worker }) => fairShares(worker, workers, lists).map(({ quota }) => quota));
      expect(quotas.reduce((sum, quota) => sum + quota, 0)).toBe(offered.size);
    }
  });
});
