import { MemoryStore, type TaskState, WriteBatch } from '@aftercommit/persistence';
import { type DoneRecord, doneLimit, readDone, taskKeys } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { windowOf } from '../test/delivery-bench.js';
import { DoneDeliveries } from './done-deliveries.js';

/** With those of the numbers stored, and not read yet. */
async function doneOf(numbers: number[]): Promise<{ done: DoneDeliveries; state: TaskState }> {
  const state = await new MemoryStore().open('acme/orders', 'owner');
  const batch = new WriteBatch();
  for (const number of numbers) batch.put(keyOf(number), record(number));
  await state.write(batch);
  return { done: new DoneDeliveries('000001', state), state };
}

async function storedIn(state: TaskState): Promise<number[]> {
  const entries = await state.list(taskKeys.doneOf('000001'));
  return readDone('000001', entries).map(({ docsTotal }) => docsTotal);
}

function record(docsTotal: number, given: Partial<DoneRecord> = {}): DoneRecord {
  return { ended: 'delivered', at: docsTotal, attempts: 1, docsTotal, ...given };
}

function keyOf(number: number): string {
  return taskKeys.done('000001', windowOf(number).run_id);
}

const full = Array.from({ length: doneLimit }, (_none, index) => index + 1);

describe('how deliveries ended', () => {
  it('is one key more while there is room', async () => {
    const batch = new WriteBatch();
    const { done } = await doneOf([1, 2]);
    await done.add(batch, windowOf(3).run_id, record(3));
    expect([...batch.changes]).toEqual([[keyOf(3), record(3)]]);
  });

  it('takes the place of that of the smallest run id when there is no room', async () => {
    const batch = new WriteBatch();
    const { done, state } = await doneOf(full);
    await done.add(batch, windowOf(1_001).run_id, record(1_001));
    expect([...batch.changes]).toEqual([
      [keyOf(1_001), record(1_001)],
      [keyOf(1), undefined],
    ]);
    await state.write(batch);
    const next = new WriteBatch();
    await done.add(next, windowOf(1_002).run_id, record(1_002));
    await state.write(next);
    expect(await storedIn(state)).toEqual([...full.slice(2), 1_001, 1_002]);
  });

  it('is not kept of one that is older than all that are, also when it ends later', async () => {
    const batch = new WriteBatch();
    const { done, state } = await doneOf(full);
    await done.add(batch, windowOf(0).run_id, record(0));
    expect([...batch.changes]).toEqual([[keyOf(0), undefined]]);
    await state.write(batch);
    expect(await storedIn(state)).toEqual(full);
  });

  it('stays known for all commits of a union of which one comes again', async () => {
    const union = record(30, { through: windowOf(3).run_id });
    const { done, state } = await doneOf([]);
    const first = new WriteBatch();
    await done.add(first, windowOf(1).run_id, union);
    await state.write(first);
    const batch = new WriteBatch();
    await done.add(batch, windowOf(1).run_id, record(1, { at: 99, attempts: 2, maybeSeen: true }));
    expect([...batch.changes]).toEqual([[keyOf(1), { ...union, at: 99, attempts: 2, again: true }]]);
    await state.write(batch);
    const dropped = new WriteBatch();
    await done.add(dropped, windowOf(1).run_id, record(1, { ended: 'dropped', at: 100, maybeSeen: true }));
    expect([...dropped.changes]).toEqual([[keyOf(1), { ...union, at: 99, attempts: 2, again: true }]]);
  });

  it('is read once, when it is needed, and by two who need it at one time', async () => {
    const { done, state } = await doneOf([1, 2]);
    const lists: string[] = [];
    const list = state.list.bind(state);
    state.list = async (prefix) => {
      lists.push(prefix);
      return await list(prefix);
    };
    expect(lists).toEqual([]);
    const batch = new WriteBatch();
    await Promise.all([done.load(), done.add(batch, windowOf(3).run_id, record(3)), done.load()]);
    await done.add(batch, windowOf(3).run_id, record(3));
    expect(lists).toEqual(['done/000001/']);
  });

  it('is counted without what lies under a damaged key', async () => {
    const { done, state } = await doneOf(full.slice(1));
    await state.write(new WriteBatch().put('done/000001/yesterday', 7));
    const batch = new WriteBatch();
    await done.add(batch, windowOf(1_001).run_id, record(1_001));
    expect([...batch.changes]).toEqual([[keyOf(1_001), record(1_001)]]);
  });
});
