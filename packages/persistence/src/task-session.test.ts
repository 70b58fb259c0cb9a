import { describe, expect, test } from 'vitest';
import { MemoryStore } from './memory-store.js';
import { StoreError } from './store-error.js';
import { type FencedVerbs, TaskSession } from './task-session.js';
import { WriteBatch } from './write-batch.js';

const fence = { task: 'task', owner: 'owner', epoch: 1n };

describe('a session', () => {
  test('begins its verbs in the order in which they are called', async () => {
    const begun: string[] = [];
    const session = new TaskSession(fence, {
      get: async (_fence, key) => {
        begun.push(`get ${key}`);
        return undefined;
      },
      list: async () => [],
      write: async () => {
        begun.push('write');
      },
    });
    const calls = [session.get('a'), session.write(new WriteBatch()), session.get('b')];
    expect(begun).toEqual(['get a', 'write', 'get b']);
    await Promise.all(calls);
  });

  test('ends for good when the outcome of a write is unknown, and sends nothing afterwards', async () => {
    const error = new StoreError('STORE_OUTCOME_UNKNOWN', 'no reply');
    const session = new TaskSession(fence, failing(error));
    await expect(session.write(new WriteBatch())).rejects.toBe(error);
    expect(session.lost.reason).toBe(error);
    const refused = { code: 'STORE_CLOSED', applied: 'no', cause: error };
    await expect(session.get('key')).rejects.toMatchObject(refused);
    await expect(session.write(new WriteBatch())).rejects.toMatchObject(refused);
  });

  test.each(['STORE_UNAVAILABLE', 'STORE_LOCKED', 'STORE_KEY_EXISTS'] as const)('goes on after %s', async (code) => {
    const session = new TaskSession(fence, failing(new StoreError(code, 'for now')));
    await expect(session.write(new WriteBatch())).rejects.toMatchObject({ code });
    await expect(session.write(new WriteBatch())).rejects.toMatchObject({ code });
    expect(session.lost.aborted).toBe(false);
  });

  test('keeps the first reason for which the store ends it', () => {
    const session = new TaskSession(fence, failing(new Error('never called')));
    const first = new StoreError('STORE_FENCED', 'first');
    session.end(first);
    session.end(new StoreError('STORE_OUTCOME_UNKNOWN', 'second'));
    expect(session.lost.reason).toBe(first);
  });

  test('refuses a batch that another session collected', async () => {
    const store = new MemoryStore();
    const zombie = await store.open('task', 'a');
    const successor = await store.open('task', 'b');
    const staged = new WriteBatch(zombie.fence).put('key', 1);
    await expect(successor.write(staged)).rejects.toThrow(/belongs to another session/);
    await successor.write(new WriteBatch(successor.fence).put('key', 2));
    expect(await successor.get('key')).toBe(2);
  });
});

function failing(error: Error): FencedVerbs {
  return {
    get: () => Promise.reject(error),
    list: () => Promise.reject(error),
    write: () => Promise.reject(error),
  };
}
