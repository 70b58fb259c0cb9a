import type { BindingKey, Connector, StoreDocument } from '@aftercommit/runtime-adapter';
import { describe, expect, test } from 'vitest';
import { MemoryEndpoint } from './memory-endpoint.js';

const bindings = [{ key: ['/id'] }, { key: ['/tenant', '/id'] }];

function connect(
  endpoint = new MemoryEndpoint(),
  runtimeCheckpointOwner: 'store' | 'endpoint' = 'endpoint',
): Connector {
  return endpoint.connect({ bindings, runtimeCheckpointOwner });
}

async function opened(endpoint?: MemoryEndpoint, owner?: 'store' | 'endpoint', epoch = 1n): Promise<Connector> {
  const connector = connect(endpoint, owner);
  await connector.open({ epoch });
  return connector;
}

async function* each<Item>(...items: Item[]): AsyncGenerator<Item> {
  yield* items;
}

const document = (id: number, v = 0): StoreDocument => ({ binding: 0, key: [id], document: { id, v } });

async function commit(connector: Connector, ...documents: StoreDocument[]) {
  await connector.acknowledge();
  await connector.flush();
  await connector.store(each(...documents));
  return connector.startCommit({ transactionId: `transaction of ${documents.length}` });
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('an endpoint in memory', () => {
  test('goes back to a copy, and finds the state that came after it diverged', async () => {
    const endpoint = new MemoryEndpoint();
    const connector = await opened(endpoint, 'store');
    await commit(connector, document(1));
    await connector.acknowledge();
    const copy = endpoint.copy();
    const { connectorState } = await commit(connector, document(1, 2), document(2));
    await connector.acknowledge();
    expect(endpoint.rows(0)).toEqual([
      { id: 1, v: 2 },
      { id: 2, v: 0 },
    ]);
    endpoint.restore(copy);
    expect(endpoint.rows(0)).toEqual([{ id: 1, v: 0 }]);
    const found = await connect(endpoint, 'store').open({ epoch: 2n, connectorState: connectorState?.updated ?? null });
    expect(found.divergence).toMatchObject({ code: 'ENDPOINT_LOST_STAGING' });
  });

  test('fences by the copy that was restored, as a database does', async () => {
    const endpoint = new MemoryEndpoint();
    const copy = endpoint.copy();
    await opened(endpoint, 'store', 5n);
    await expect(opened(endpoint, 'store', 4n)).rejects.toMatchObject({ code: 'ENDPOINT_FENCED' });
    endpoint.restore(copy);
    await opened(endpoint, 'store', 4n);
  });

  test('shows rows that nobody can change from outside', async () => {
    const endpoint = new MemoryEndpoint();
    const connector = await opened(endpoint);
    const stored = document(1);
    await connector.acknowledge();
    await connector.flush();
    await connector.store(each(stored));
    stored.document['v'] = 'changed';
    await connector.startCommit({ transactionId: 'first' });
    for (const row of endpoint.rows(0)) row['v'] = 'changed';
    expect(endpoint.rows(0)).toEqual([{ id: 1, v: 0 }]);
  });

  test('clears the state that another owner left with its first commit, and says so once', async () => {
    const endpoint = new MemoryEndpoint();
    const { connectorState } = await commit(await opened(endpoint, 'store'), document(1));
    const connector = connect(endpoint);
    await connector.open({ epoch: 2n, connectorState: connectorState?.updated ?? null });
    expect(await commit(connector, document(2))).toEqual({ connectorState: { updated: {}, mergePatch: false } });
    expect(await commit(connector, document(3))).toEqual({});
    expect(endpoint.copy()).toMatchObject({ appliedTransactionId: undefined, stagings: [] });
    expect(endpoint.rows(0)).toHaveLength(3);
  });
});

describe('a load of an endpoint in memory', () => {
  test('ends when the connector is closed while it waits for a key', async () => {
    const connector = await opened();
    let announce = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      announce = resolve;
    });
    const never = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          announce();
          return new Promise<IteratorResult<BindingKey>>(() => undefined);
        },
      }),
    };
    const loading = collected(connector.load(never));
    await asked;
    await connector.close();
    expect(await loading).toEqual([]);
  });

  test('fails with the acknowledge that it waits for', async () => {
    const endpoint = new MemoryEndpoint();
    const connector = await opened(endpoint, 'store');
    await commit(connector, document(1));
    const loading = Promise.allSettled([collected(connector.load(each({ binding: 0, key: [1] })))]);
    await opened(endpoint, 'store', 2n);
    await expect(connector.acknowledge()).rejects.toMatchObject({ code: 'ENDPOINT_FENCED' });
    expect(await loading).toMatchObject([{ status: 'rejected', reason: { code: 'ENDPOINT_FENCED' } }]);
  });

  test('lets the keys go when the reader leaves', async () => {
    const connector = await opened();
    await commit(connector, document(1), document(2));
    let isReleased = false;
    const keys = async function* () {
      try {
        yield { binding: 0, key: [1] };
        yield { binding: 0, key: [2] };
      } finally {
        isReleased = true;
      }
    };
    for await (const _ of connector.load(keys())) break;
    expect(isReleased).toBe(true);
  });
});

describe('an endpoint in memory holds its host to the contract: it refuses', () => {
  const faults: Array<[fault: string, call: (connector: Connector) => Promise<unknown>, message: RegExp]> = [
    ['a second open', (connector) => connector.open({ epoch: 2n }), /open\(\) was called twice/],
    ['flush before acknowledge', (connector) => connector.flush(), /before acknowledge\(\) had resolved/],
    ['store before flush', (connector) => connector.store(each(document(1))), /between flush\(\) and startCommit/],
    ['startCommit before flush', (connector) => connector.startCommit({ transactionId: '1' }), /behind flush\(\)/],
    [
      'a second load in one transaction',
      async (connector) => {
        await collected(connector.load(each()));
        await collected(connector.load(each()));
      },
      /once per transaction/,
    ],
    [
      'flush while answers are still taken',
      async (connector) => {
        await connector.acknowledge();
        const loading = connector.load(each({ binding: 0, key: [7] }, { binding: 0, key: [8] }));
        // The session ends with the fault, and so does who waits for answers.
        await Promise.all([collected(loading), connector.flush()]);
      },
      /before load\(\) had come to its end/,
    ],
    [
      'acknowledge after flush',
      async (connector) => {
        await connector.acknowledge();
        await connector.flush();
        await connector.acknowledge();
      },
      /acknowledge\(\) belongs between/,
    ],
    ['one key twice', (connector) => commit(connector, document(1), document(1, 2)), /binding 0 twice/],
    ['a binding that is not there', (connector) => commit(connector, { ...document(1), binding: 2 }), /no binding 2/],
    [
      'a key with too few parts',
      (connector) => commit(connector, { ...document(1), binding: 1 }),
      /has 2 parts, not 1/,
    ],
  ];

  test.each(faults)('%s', async (_fault, call, message) => {
    const connector = await opened();
    await expect(call(connector)).rejects.toThrow(message);
    await expect(connector.acknowledge()).rejects.toThrow('ended with an error');
    await connector.close();
  });

  test('every call before open, and after close', async () => {
    await expect(connect().acknowledge()).rejects.toThrow('belongs between open()');
    const connector = await opened();
    await connector.close();
    await expect(connector.acknowledge()).rejects.toThrow('is closed');
    await expect(collected(connector.load(each()))).rejects.toThrow('is closed');
  });
});
