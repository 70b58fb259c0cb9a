import { type Fence, type Store, WriteBatch } from '@aftercommit/persistence';
import { storeClosedError, TaskSession } from '@aftercommit/persistence/implement';
import { type StoreSubject, type StoreTime, storeConformance } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type PostgresProxy, startPostgresProxy } from '../../../tests/servers/postgres-proxy.js';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { PostgresStore } from './postgres-store.js';
import { writeWithin } from './write-within.js';

let server: PostgresServer;
let proxy: PostgresProxy;
let admin: Client;
const schemas = new Map<Store, string>();
let cases = 0;

beforeAll(async () => {
  if (missingPostgres !== undefined) return;
  // Nothing here is about power cuts.
  server = await startPostgres({ fsync: 'off' });
  proxy = await startPostgresProxy(server.port);
  admin = new Client({ connectionString: server.url });
  await admin.connect();
});

afterAll(async () => {
  await admin?.end();
  await proxy?.close();
  await server?.stop();
});

/** Every store has a schema of its own, and reaches the server over the proxy. */
const direct: StoreSubject = {
  create: (options) => {
    cases += 1;
    return openIn(`case_${cases}`, options);
  },
  reopen: async (store) => {
    await store.close();
    return openIn(schemaOf(store));
  },
  second: (store) => openIn(schemaOf(store)),
  forget: async (store, task) => {
    for (const table of ['task', 'entry']) {
      await admin.query(`DELETE FROM ${schemaOf(store)}.${table} WHERE task = $1`, [Buffer.from(task)]);
    }
  },
  fail: async (_store, fault) => proxy.cutAt({ request: 1, lost: fault === 'lost-request' ? 'request' : 'reply' }),
};

/** The same store, but every write goes through a transaction of the host's own connection. */
const hostTransaction: StoreSubject = {
  create: async (options) => hosted(await direct.create(options)),
  reopen: async (store) => {
    await store.close();
    return hosted(await openIn(schemaOf(store)));
  },
  second: async (store) => hosted(await openIn(schemaOf(store))),
  forget: async (store, task) => direct.forget?.(store, task),
};

for (const [name, subject] of Object.entries({ direct, hostTransaction })) {
  describe.skipIf(missingPostgres !== undefined)(`a PostgreSQL store: ${name}`, () => {
    for (const { title, run, skip } of storeConformance(subject)) test.skipIf(skip !== undefined)(title, run);
  });
}

async function hosted(store: Store): Promise<Store> {
  const schema = schemaOf(store);
  const host = new Client({ connectionString: server.url });
  await host.connect();
  let isOpen = true;
  let last: Promise<unknown> = Promise.resolve();
  /** One transaction after the other: a client has one at a time. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const commit = async (batch: WriteBatch): Promise<void> => {
    if (!isOpen) throw storeClosedError('The host');
    await host.query('BEGIN');
    try {
      await writeWithin(host, batch, { schema });
      await host.query('COMMIT');
    } catch (error) {
      await host.query('ROLLBACK');
      throw error;
    }
  };
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
        write: (fence, batch) => {
          const copy = fenced(fence, batch);
          return inTurn(() => commit(copy));
        },
      });
    },
    read: (task) => store.read(task),
    request: (task, value) => store.request(task, value),
    close: async () => {
      await inTurn(async () => {
        isOpen = false;
      });
      await host.end();
      await store.close();
    },
  };
  schemas.set(wrapped, schema);
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

async function openIn(schema: string, options?: StoreTime): Promise<PostgresStore> {
  const url = `postgres://postgres@127.0.0.1:${proxy.port}/postgres`;
  const store = await PostgresStore.open({ url, schema, ...options });
  schemas.set(store, schema);
  return store;
}

function schemaOf(store: Store): string {
  const schema = schemas.get(store);
  if (schema === undefined) throw new Error('the store is none of this test');
  return schema;
}
