import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fence, type Store, WriteBatch } from '@aftercommit/persistence';
import { storeClosedError, TaskSession } from '@aftercommit/persistence/implement';
import { type StoreSubject, type StoreTime, storeConformance } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { afterAll, describe, test } from 'vitest';
import { SqliteStore } from './sqlite-store.js';
import { writeWithin } from './write-within.js';

const folder = mkdtempSync(join(tmpdir(), 'aftercommit-conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

const paths = new Map<Store, string>();

const file: StoreSubject = {
  create: async (options) => openAt(newPath(), options),
  reopen: async (store) => {
    await store.close();
    return openAt(pathOf(store));
  },
  second: async (store) => openAt(pathOf(store)),
  forget: async (store, task) => {
    const other = new Database(pathOf(store));
    other.prepare('DELETE FROM aftercommit_task WHERE task = ?').run(task);
    other.prepare('DELETE FROM aftercommit_entry WHERE task = ?').run(task);
    other.close();
  },
};

const reopenedFile: StoreSubject = {
  ...file,
  create: async (options) => {
    const path = newPath();
    await SqliteStore.open(path).close();
    return openAt(path, options);
  },
};

/** The same store, but every write goes through a transaction of the host's own connection. */
const hostTransaction: StoreSubject = {
  create: async (options) => hosted(await file.create(options)),
  reopen: async (store) => {
    await store.close();
    return hosted(openAt(pathOf(store)));
  },
  second: async (store) => hosted(openAt(pathOf(store))),
  forget: async (store, task) => file.forget?.(store, task),
};

for (const [name, subject] of Object.entries({ file, reopenedFile, hostTransaction })) {
  describe(`an SQLite store: ${name}`, () => {
    for (const { title, run, skip } of storeConformance(subject)) test.skipIf(skip !== undefined)(title, run);
  });
}

function hosted(store: Store): Store {
  const host = new Database(pathOf(store));
  host.pragma('synchronous = FULL');
  const wrapped: Store = {
    supports: store.supports,
    tasks: () => store.tasks(),
    open: async (task, owner, above) => {
      const own = await store.open(task, owner, above);
      const { onMessage } = own;
      return new TaskSession(own.fence, {
        ...(onMessage && { onMessage: (_fence, listener) => onMessage(listener) }),
        get: (_fence, key) => own.get(key),
        list: (_fence, prefix) => own.list(prefix),
        write: async (fence, batch) => {
          if (!host.open) throw storeClosedError('The host');
          host.transaction(() => writeWithin(host, fenced(fence, batch))).immediate();
        },
      });
    },
    read: (task) => store.read(task),
    request: (task, value) => store.request(task, value),
    close: async () => {
      host.close();
      await store.close();
    },
  };
  paths.set(wrapped, pathOf(store));
  return wrapped;
}

function fenced(fence: Fence, batch: WriteBatch): WriteBatch {
  const copy = new WriteBatch(fence);
  for (const [key, value] of batch.changes) {
    if (value === undefined) copy.delete(key);
    else copy.put(key, value);
  }
  for (const key of batch.requiredAbsent) copy.requireAbsent(key);
  return copy;
}

function newPath(): string {
  return join(mkdtempSync(join(folder, 'case-')), 'store.db');
}

function openAt(path: string, options?: StoreTime): SqliteStore {
  const store = SqliteStore.open({ path, ...options });
  paths.set(store, path);
  return store;
}

function pathOf(store: Store): string {
  const path = paths.get(store);
  if (path === undefined) throw new Error('the store is none of this test');
  return path;
}
