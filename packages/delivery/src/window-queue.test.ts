import { WriteBatch } from '@aftercommit/persistence';
import { type StoredOutbox, taskKeys, type WindowRecord } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { windowOf } from '../test/delivery-bench.js';
import { WindowQueue } from './window-queue.js';

function record(number: number, given: Partial<WindowRecord> = {}): WindowRecord {
  return { idempotencyKey: `key-${number}`, window: windowOf(number), ...given };
}

function queueOf(...windows: Array<WindowRecord & { place?: string }>): WindowQueue {
  const placed = windows.map((window) => ({ place: window.window.run_id, ...window }));
  return new WindowQueue({ id: '000001', windows: placed } as Pick<StoredOutbox, 'id' | 'windows'> as StoredOutbox);
}

/** Takes everything out, in order. */
function emptied(queue: WindowQueue): number[] {
  const numbers: number[] = [];
  queue.release();
  for (; queue.head !== undefined; queue.shift()) numbers.push(queue.head.window.docs_total);
  return numbers;
}

/** The documents of the windows that a batch puts, in the order of their keys. */
function put(batch: WriteBatch): number[] {
  const entries = [...batch.changes].filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([, value]) => (value as WindowRecord).window.docs_total);
}

it('a union says through which run it goes, also when its last was a union', () => {
  const queue = queueOf(record(1), record(2), record(3), record(4));
  queue.release();
  queue.unite(new WriteBatch(), 1);
  const batch = new WriteBatch();
  queue.unite(batch, 0);
  const union = batch.changes.get(taskKeys.window('000001', windowOf(1).run_id)) as WindowRecord;
  expect([union.window.run_id, union.through]).toEqual([windowOf(1).run_id, windowOf(4).run_id]);
});

describe('windows that are put back', () => {
  it('stand behind the one being tried, in front of the others, and behind those that were put back before', () => {
    const queue = queueOf(record(5), record(6));
    queue.release();
    const batch = new WriteBatch();
    queue.putBack(batch, [record(1), record(2)], true);
    queue.putBack(batch, [record(0)], true);
    const places = [...batch.requiredAbsent].sort();
    expect(places).toEqual(
      [1, 2, 3].map((number) => taskKeys.window('000001', `${windowOf(5).run_id}~0000000${number}`)),
    );
    expect(put(batch)).toEqual([1, 2, 0]);
    expect(emptied(queue)).toEqual([5, 1, 2, 0, 6]);
  });

  it('stand in front of what was not tried, where they once stood', () => {
    const queue = queueOf(record(5));
    queue.release();
    const batch = new WriteBatch();
    queue.putBack(batch, [record(1), record(2)], false);
    expect([...batch.requiredAbsent]).toEqual([
      taskKeys.window('000001', windowOf(1).run_id),
      taskKeys.window('000001', `${windowOf(1).run_id}~00000001`),
    ]);
    expect(emptied(queue)).toEqual([1, 2, 5]);
  });

  it('stand behind an older window that an endpoint brought along, because places rise', () => {
    const queue = queueOf(record(3, { maybeSeen: true }), record(7));
    queue.release();
    const batch = new WriteBatch();
    queue.putBack(batch, [record(5)], false);
    expect([...batch.requiredAbsent]).toEqual([taskKeys.window('000001', `${windowOf(3).run_id}~00000001`)]);
    expect(emptied(queue)).toEqual([3, 5, 7]);
  });

  it('may fire at once, but not before anything may', () => {
    const queue = queueOf();
    queue.putBack(new WriteBatch(), [record(1)], false);
    expect(queue.head).toBeUndefined();
    queue.release();
    queue.shift();
    queue.add({ ...record(9), place: windowOf(9).run_id });
    queue.putBack(new WriteBatch(), [record(2)], false);
    expect([queue.released, queue.head?.window.docs_total]).toEqual([1, 2]);
  });

  it('wait with the one in front of them that may not fire yet', () => {
    const queue = queueOf(record(5));
    queue.putBack(new WriteBatch(), [record(1)], true);
    expect(queue.released).toBe(0);
    expect(emptied(queue)).toEqual([5, 1]);
  });
});

describe('uniting', () => {
  it('ends at the first that stays alone, and begins behind the last', () => {
    const queue = queueOf(record(1), record(2), record(3, { replayed: true }), record(4), record(5));
    queue.release();
    expect(queue.firstToUnite(0)).toBe(3);
    const batch = new WriteBatch();
    queue.unite(batch, 0);
    queue.unite(batch, 2);
    expect(emptied(queue)).toEqual([3, 3, 9]);
    expect(put(batch)).toEqual([3, 9]);
  });

  it('leaves alone what may not fire yet', () => {
    const queue = queueOf(record(1), record(2));
    queue.release();
    queue.add({ ...record(3), place: windowOf(3).run_id });
    queue.unite(new WriteBatch(), 0);
    expect([queue.held, queue.released]).toEqual([2, 1]);
  });

  it('never touches one that stays alone, though it is the first', () => {
    const queue = queueOf(record(1, { maybeSeen: true }), record(2));
    queue.release();
    const batch = new WriteBatch();
    queue.unite(batch, 0);
    expect(batch.changes.size).toBe(0);
  });
});
