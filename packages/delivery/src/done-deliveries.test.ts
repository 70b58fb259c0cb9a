import { WriteBatch } from '@aftercommit/persistence';
import { type DoneRecord, doneLimit, emptyOutbox, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { windowOf } from '../test/delivery-bench.js';
import { DoneDeliveries } from './done-deliveries.js';

function doneOf(numbers: number[]): DoneDeliveries {
  const done = numbers.map((number) => ({ ...record(number), runId: windowOf(number).run_id }));
  return new DoneDeliveries({ ...emptyOutbox('000001'), done } as StoredOutbox);
}

function record(docsTotal: number, given: Partial<DoneRecord> = {}): DoneRecord {
  return { ended: 'delivered', at: docsTotal, attempts: 1, docsTotal, ...given };
}

function keyOf(number: number): string {
  return taskKeys.done('000001', windowOf(number).run_id);
}

const full = Array.from({ length: doneLimit }, (_none, index) => index + 1);

describe('how deliveries ended', () => {
  it('is one key more while there is room', () => {
    const batch = new WriteBatch();
    doneOf([1, 2]).add(batch, windowOf(3).run_id, record(3));
    expect([...batch.changes]).toEqual([[keyOf(3), record(3)]]);
  });

  it('takes the place of that of the smallest run id when there is no room', () => {
    const batch = new WriteBatch();
    const done = doneOf(full);
    done.add(batch, windowOf(1_001).run_id, record(1_001));
    expect([...batch.changes]).toEqual([
      [keyOf(1_001), record(1_001)],
      [keyOf(1), undefined],
    ]);
    expect(done.all).toHaveLength(doneLimit);
  });

  it('is not kept of one that is older than all that are, also when it ends later', () => {
    const batch = new WriteBatch();
    const done = doneOf(full);
    done.add(batch, windowOf(0).run_id, record(0));
    expect([...batch.changes]).toEqual([[keyOf(0), undefined]]);
    expect(done.all.map(({ docsTotal }) => docsTotal)).toEqual(full);
  });

  it('stays known for all commits of a union of which one comes again', () => {
    const union = record(30, { through: windowOf(3).run_id });
    const done = doneOf([]);
    done.add(new WriteBatch(), windowOf(1).run_id, union);
    const batch = new WriteBatch();
    done.add(batch, windowOf(1).run_id, record(1, { at: 99, attempts: 2, maybeSeen: true }));
    expect([...batch.changes]).toEqual([[keyOf(1), { ...union, at: 99, attempts: 2, again: true }]]);
    const dropped = new WriteBatch();
    done.add(dropped, windowOf(1).run_id, record(1, { ended: 'dropped', at: 100, maybeSeen: true }));
    expect([...dropped.changes]).toEqual([[keyOf(1), { ...union, at: 99, attempts: 2, again: true }]]);
  });
});
