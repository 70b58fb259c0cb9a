import type { Document, Json } from '@aftercommit/models';
import { MemoryStore, WriteBatch } from '@aftercommit/persistence';
import { type LargestKeyRecord, taskKeys } from '@aftercommit/persistence/records';
import { expect, test } from 'vitest';
import { MaterializationBench, MemorySource, orders } from '../test/materialization-bench.js';
import { errorOf, materialization, withWrites } from '../test/session-bench.js';

const bindings = [{ ...orders, reduce: 'merge' as const }];

async function run(bench: MaterializationBench, source: MemorySource, maxDocs = 100): Promise<unknown[]> {
  bench.lookedUp.length = 0;
  await bench.run(source, { bindings, transactions: { maxDocs } });
  return bench.lookedUp.map(({ key: [value] }) => value);
}

async function records(bench: MaterializationBench): Promise<LargestKeyRecord[]> {
  const entries = await bench.store.read(materialization);
  return entries.flatMap(([key, value]) => (key.startsWith(taskKeys.largestKeys) ? [value as LargestKeyRecord] : []));
}

const withIds = (...ids: Array<Document[string]>): Document[] => ids.map((id) => ({ id }));

test('looks nothing up in a resource that was empty, while keys rise', async () => {
  const bench = new MaterializationBench();
  expect(await run(bench, new MemorySource(withIds(1, 2, 3, 4)), 1)).toEqual([]);
});

test('looks up what is not above the largest key, once per transaction', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource(withIds(5, 3, 3, 9));
  expect(await run(bench, source)).toEqual([]);
  source.push(...withIds(3, 4, 4, 9, 10, 10));
  expect(await run(bench, source)).toEqual([3, 4, 9]);
});

test('compares keys of all types by their packed bytes', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource(withIds('b', 7));
  await run(bench, source);
  source.push(...withIds('a', 'c', 99999999999999999999n, -1, true));
  // Texts lie before numbers, numbers before booleans: 7 is the largest so far.
  expect(await run(bench, source)).toEqual(['a', 'c', -1]);
});

test('looks everything up in a resource that was not empty when it was first opened', async () => {
  const bench = new MaterializationBench();
  await bench.run(new MemorySource(withIds(1)));
  expect(await run(bench, new MemorySource(withIds(1, 2, 3)), 1)).toEqual([2, 3]);
  expect(await records(bench)).toEqual([]);
});

test('looks everything up once the way of combining was another meanwhile', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource(withIds(1));
  await run(bench, source);
  source.push(...withIds(8));
  await bench.run(source);
  source.push({ id: 8, more: true });
  expect(await run(bench, source)).toEqual([8]);
});

test('relies on no emptiness that an endpoint restored from a copy belies', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource([{ id: 1, a: 1 }]);
  await run(bench, source);
  const copy = bench.endpoint.copy();
  bench.endpoint.restore({ ...copy, tables: new Map() });
  await run(bench, source);
  bench.endpoint.restore({ ...copy, epoch: bench.endpoint.copy().epoch });
  source.push({ id: 1, b: 1 });
  expect(await run(bench, source)).toEqual([1]);
  expect(bench.endpoint.rows(0)).toEqual([{ id: 1, a: 1, b: 1 }]);
});

test('relies on the emptiness again once something was committed', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource([{ id: 1 }]);
  await run(bench, source);
  bench.endpoint.restore({ ...bench.endpoint.copy(), tables: new Map() });
  source.push({ id: 5 });
  expect(await run(bench, source)).toEqual([]);
  source.push({ id: 4 }, { id: 6 });
  expect(await run(bench, source)).toEqual([4]);
});

test('forgets the largest key when the endpoint’s runtime checkpoint is taken over', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource(withIds(1));
  await run(bench, source);
  bench.store = new MemoryStore({ now: () => bench.clock.now() + 1_000 });
  source.push(...withIds(1, 2));
  expect(await run(bench, source)).toEqual([1, 2]);
  expect(await records(bench)).toEqual([]);
});

test('records the largest key before the endpoint can have it', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource(withIds(1));
  await run(bench, source);
  source.push(...withIds(7));
  // The endpoint commits, and the store does not hear of it: its write after the one of the largest key fails.
  let writes = 0;
  const store = bench.store;
  bench.store = withWrites(store, async (write) => {
    writes += 1;
    if (writes === 3) throw new Error('the process dies');
    await write();
  });
  expect(await errorOf(run(bench, source))).toMatchObject({ message: 'the process dies' });
  bench.store = store;
  source.push({ id: 7, more: true }, { id: 8 });
  expect(await run(bench, source)).toEqual([7]);
  expect(bench.endpoint.rows(0)).toEqual([{ id: 1 }, { id: 7, more: true }, { id: 8 }]);
});

/** What an operator does who restores the store from a copy. */
async function restoredStore(bench: MaterializationBench, copy: Array<[string, Json]>): Promise<MemoryStore> {
  const restored = new MemoryStore({ now: () => bench.clock.now() + 1_000 });
  const state = await restored.open(materialization, 'operator');
  const batch = new WriteBatch();
  for (const [key, value] of copy) batch.put(key, value);
  await state.write(batch);
  return restored;
}

test('looks everything up when the endpoint is ahead by a transaction that recorded no key', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource(withIds(1));
  await run(bench, source);
  const copy = await bench.store.read(materialization);
  source.push(...withIds(5));
  await run(bench, source);
  bench.store = await restoredStore(bench, copy);
  source.push({ id: 3, late: true }, { id: 5, more: true });
  expect(await run(bench, source)).toEqual([3, 5]);
});

test('looks everything up after a runtime checkpoint of the endpoint was accepted', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource(withIds(1));
  await run(bench, source);
  const copy = await bench.store.read(materialization);
  for (const id of [5, 6]) {
    source.push({ id });
    await run(bench, source);
  }
  bench.store = await restoredStore(bench, copy);
  expect(await errorOf(run(bench, source))).toMatchObject({ code: 'CHECKPOINT_DIVERGED' });
  source.push({ id: 5, more: true });
  bench.lookedUp.length = 0;
  await bench.run(source, { bindings, acceptEndpointCheckpoint: true });
  expect(bench.lookedUp).toMatchObject([{ key: [5] }]);
  expect(bench.endpoint.rows(0)).toEqual([{ id: 1 }, { id: 5, more: true }, { id: 6 }]);
});
