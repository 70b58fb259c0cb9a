import { expect, test } from 'vitest';
import { MemoryStore } from './memory-store.js';
import { WriteBatch } from './write-batch.js';

// What every store owes is shown by the conformance cases of the test kit. Here is what this one alone does.

test('takes epochs from the real clock by default', async () => {
  const before = BigInt(Date.now()) * 1000n;
  const { fence } = await new MemoryStore().open('task', 'owner');
  expect(fence.epoch).toBeGreaterThanOrEqual(before);
  expect(fence.epoch).toBeLessThanOrEqual(BigInt(Date.now()) * 1000n);
});

test('keeps a message for a task that was never opened, which is no task yet', async () => {
  const store = new MemoryStore();
  await store.request('task', 'early');
  expect(await store.tasks()).toEqual([]);
  const session = await store.open('task', 'owner');
  expect(await session.list('mailbox/')).toEqual([['mailbox/0000000000000001', 'early']]);
});

test('fences the session of a task it was made to forget', async () => {
  const store = new MemoryStore();
  const session = await store.open('task', 'owner');
  store.forget('task');
  await expect(session.get('key')).rejects.toMatchObject({ code: 'STORE_FENCED' });
  expect(await store.tasks()).toEqual([]);
});

test('refuses a value that is no JSON, and writes nothing of its batch', async () => {
  const store = new MemoryStore();
  const session = await store.open('task', 'owner');
  const unserialisable = Object.assign([], { toJSON: () => undefined });
  const write = session.write(new WriteBatch().put('sound', 1).put('odd', unserialisable));
  await expect(write).rejects.toThrow(TypeError);
  await expect(store.request('task', unserialisable)).rejects.toThrow(TypeError);
  expect(await session.list('')).toEqual([]);
});
