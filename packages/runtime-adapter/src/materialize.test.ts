import { getEventListeners } from 'node:events';
import { MemoryStore } from '@aftercommit/persistence';
import { describe, expect, test } from 'vitest';
import { documents, MaterializationBench, MemorySource, orders } from '../test/materialization-bench.js';
import { errorOf, materialization, triggerConfig } from '../test/session-bench.js';
import { ConnectorError } from './connector-error.js';
import type { Source } from './source.js';
import { SourceError } from './source-error.js';

describe.each(['endpoint', 'store'] as const)('with the runtime checkpoint at the %s', (owner) => {
  test('stores every document, and fires for each transaction, the last one included', async () => {
    const bench = new MaterializationBench(owner);
    const end = await bench.run(new MemorySource(documents(10)), { transactions: { maxDocs: 4 } });
    expect(end).toEqual({ isComplete: true, waiting: {}, parked: {}, stuck: [] });
    expect(bench.endpoint.rows(0)).toEqual(documents(10));
    expect(bench.committed).toEqual([4, 4, 2]);
    expect(bench.delivered).toEqual([4, 4, 2]);
  });

  test('fires only for what is visible in the endpoint', async () => {
    const bench = new MaterializationBench(owner);
    const visible: number[] = [];
    bench.kind.respond('a', [
      () => {
        visible.push(bench.endpoint.rows(0).length);
        return { outcome: 'delivered' };
      },
    ]);
    const connector = bench.connect([orders]);
    const acknowledge = connector.acknowledge.bind(connector);
    const slowly = async () => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return await acknowledge();
    };
    const slow = Object.assign(connector, { acknowledge: slowly });
    await bench.run(new MemorySource(documents(10)), { connector: slow, transactions: { maxDocs: 4 } });
    expect(visible).toEqual([4, 8, 10]);
  });

  test('goes on behind what was committed', async () => {
    const bench = new MaterializationBench(owner);
    const source = new MemorySource(documents(3));
    await bench.run(source);
    source.push(...documents(2, 4));
    await bench.run(source);
    await bench.run(source);
    expect(source.openedAt).toEqual([undefined, 3, 5]);
    expect(bench.endpoint.rows(0)).toEqual(documents(5));
    expect(bench.delivered).toEqual([3, 2]);
  });

  test('keeps the last document of a key, within a transaction and across them', async () => {
    const bench = new MaterializationBench(owner);
    const source = new MemorySource([{ id: 1, a: 1 }, { id: 1, b: 2 }, { id: 2 }, { id: 1, c: 3 }]);
    await bench.run(source, { transactions: { maxDocs: 3 } });
    expect(bench.endpoint.rows(0)).toEqual([{ id: 1, c: 3 }, { id: 2 }]);
    expect(bench.lookedUp).toEqual([]);
  });

  test('merges documents of a key into what is stored', async () => {
    const bench = new MaterializationBench(owner);
    const patches = [
      { id: 1, a: { x: 1, y: 2 }, b: 1 },
      { id: 1, a: { x: null } },
      { id: 1, a: { z: 3 }, b: null },
    ];
    const bindings = [{ ...orders, reduce: 'merge' as const }];
    await bench.run(new MemorySource(patches), { bindings, transactions: { maxDocs: 1 } });
    expect(bench.endpoint.rows(0)).toEqual([{ id: 1, a: { y: 2, z: 3 } }]);
    const once = new MaterializationBench(owner);
    await once.run(new MemorySource(patches), { bindings });
    expect(once.endpoint.rows(0)).toEqual(bench.endpoint.rows(0));
  });

  test('appends every document of a delta binding', async () => {
    const bench = new MaterializationBench(owner);
    const twice = [{ id: 1 }, { id: 1 }, { id: 2 }];
    await bench.run(new MemorySource(twice), { bindings: [{ ...orders, isDelta: true }] });
    expect(bench.endpoint.rows(0)).toEqual(twice);
  });

  test('gives the transaction of a bad document up whole, and delivers what was committed before', async () => {
    const bench = new MaterializationBench(owner);
    const broken = new SourceError('DOCUMENT_INVALID', 'line 6: no JSON');
    const source = new MemorySource([...documents(5), broken]);
    expect(await errorOf(bench.run(source, { transactions: { maxDocs: 4 } }))).toBe(broken);
    expect(bench.endpoint.rows(0)).toEqual(documents(4));
    expect(bench.delivered).toEqual([4]);
    expect(bench.eventsOf('failed')).toMatchObject([{ code: 'DOCUMENT_INVALID', reason: 'line 6: no JSON' }]);
    expect(bench.events.at(-1)).toMatchObject({ event: 'ended', waiting: {} });
  });

  test('delivers what a crash left before it complains of a source', async () => {
    const bench = new MaterializationBench(owner);
    bench.kind.respond('a', [{ outcome: 'rejected', reason: 'no' }, { outcome: 'delivered' }]);
    const source = new MemorySource(documents(1));
    expect(await errorOf(bench.run(source))).toMatchObject({ code: 'DELIVERY_REJECTED' });
    const gone = new SourceError('SOURCE_CHANGED', 'it was replaced');
    const second = bench.run({ 'acme/orders': { open: () => Promise.reject(gone) } });
    second.catch(() => undefined);
    await bench.clock.advance(60_000);
    expect(await errorOf(second)).toBe(gone);
    expect(bench.eventsOf('delivered')).toHaveLength(1);
  });

  test.each([
    [{ text: 'none' }, 'line 2: the document cannot be stored, because its key /id is missing.'],
    [{ id: null }, 'line 2: the document cannot be stored, because its key /id is null.'],
    [{ id: { a: 1 } }, 'line 2: the document cannot be stored, because its key /id is an object.'],
    [{ id: [1] }, 'line 2: the document cannot be stored, because its key /id is an array.'],
    [
      { id: 'half \ud83d' },
      'line 2: the document cannot be stored, because its key /id is a text with half of a surrogate pair.',
    ],
  ])('refuses %j', async (document, message) => {
    const bench = new MaterializationBench(owner);
    const error = await errorOf(bench.run(new MemorySource([{ id: 1 }, document])));
    expect(error).toMatchObject({ code: 'DOCUMENT_INVALID', message: expect.stringContaining(message) });
    expect(bench.endpoint.rows(0)).toEqual([]);
    expect(bench.kind.attempts).toEqual([]);
  });

  test('ends when a delivery has failed for good, also while it waits for documents', async () => {
    const bench = new MaterializationBench(owner);
    bench.kind.respond('a', [{ outcome: 'rejected', reason: 'no' }]);
    const source = new MemorySource();
    source.push(...documents(1));
    expect(await errorOf(bench.run(source))).toMatchObject({ code: 'DELIVERY_REJECTED' });
    expect(bench.endpoint.rows(0)).toEqual(documents(1));
    expect(bench.eventsOf('failed')).toHaveLength(1);
  });

  test('ends when it is stopped while it waits for documents', async () => {
    const bench = new MaterializationBench(owner);
    const stop = new AbortController();
    const source = new MemorySource();
    source.push(...documents(2));
    bench.kind.respond('a', [
      () => {
        setImmediate(() => stop.abort());
        return { outcome: 'delivered' };
      },
    ]);
    expect(await bench.run(source, { stop: stop.signal })).toEqual({
      isComplete: false,
      waiting: {},
      parked: {},
      stuck: [],
    });
    expect(bench.endpoint.rows(0)).toEqual(documents(2));
  });

  test('leaves what is due for the next run when it is stopped while a receiver refuses', async () => {
    const bench = new MaterializationBench(owner);
    const stop = new AbortController();
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'busy' }, { outcome: 'delivered' }]);
    const running = bench.run(new MemorySource(documents(2)), { stop: stop.signal });
    await bench.until(() => bench.eventsOf('attempt').length === 1);
    stop.abort();
    expect(await running).toEqual({ isComplete: false, waiting: { a: 1 }, parked: {}, stuck: [] });
    const again = bench.run(new MemorySource(documents(2)));
    await bench.clock.advance(60_000);
    expect(await again).toEqual({ isComplete: true, waiting: {}, parked: {}, stuck: [] });
    expect(bench.eventsOf('delivered')).toHaveLength(1);
  });

  test('does nothing when it is stopped before it begins', async () => {
    const bench = new MaterializationBench(owner);
    const end = await bench.run(new MemorySource(documents(2)), { stop: AbortSignal.abort() });
    expect(end).toEqual({ isComplete: false, waiting: {}, parked: {}, stuck: [] });
    expect(bench.endpoint.rows(0)).toEqual([]);
  });

  test('tells that the endpoint refused to open', async () => {
    const bench = new MaterializationBench(owner);
    const connector = bench.connect([orders]);
    connector.open = async () => {
      throw new ConnectorError('ENDPOINT_FENCED', 'Somebody else has it.');
    };
    const error = await errorOf(bench.run(new MemorySource(documents(1)), { connector }));
    expect(error).toMatchObject({ code: 'ENDPOINT_FENCED' });
    expect(bench.events.slice(-2)).toMatchObject([{ event: 'failed', code: 'ENDPOINT_FENCED' }, { event: 'ended' }]);
  });

  test('opens above what the endpoint has seen when the store lost that and the clock is behind it', async () => {
    const bench = new MaterializationBench(owner);
    await bench.run(new MemorySource(documents(1)));
    const { epoch } = bench.endpoint.copy();
    bench.store = new MemoryStore({ now: () => 0 });
    await bench.run(new MemorySource(documents(2)), { acceptEndpointCheckpoint: true });
    expect(bench.endpoint.copy().epoch).toBe(epoch + 1n);
  });

  test('does not open above what the endpoint has seen when a later session has the task', async () => {
    const bench = new MaterializationBench(owner);
    const connector = bench.connect([orders]);
    const open = connector.open.bind(connector);
    connector.open = async (from) => {
      // Another one overtakes it between its opening of the store and that of the endpoint.
      const other = await bench.store.open(materialization, 'another owner');
      await bench.connect([orders]).open({ epoch: other.fence.epoch });
      return await open(from);
    };
    const error = await errorOf(bench.run(new MemorySource(documents(1)), { connector }));
    expect(error).toMatchObject({ code: 'STORE_FENCED' });
  });
});

test('stores nothing while a delivery goes on whose interval was over in the middle of the transaction', async () => {
  const bench = new MaterializationBench();
  let answer = (): void => undefined;
  const hangs = (): Promise<{ outcome: 'delivered' }> =>
    new Promise((resolve) => {
      answer = () => resolve({ outcome: 'delivered' });
    });
  bench.kind.respond('a', [{ outcome: 'delivered' }, hangs, { outcome: 'delivered' }]);
  const source = new MemorySource();
  source.push(...documents(1));
  const triggers = [{ ...triggerConfig('a'), interval: '10s', timeout: '1h' }];
  const running = bench.run(source, { triggers, transactions: { minDurationMs: 6_000, maxDurationMs: 6_000 } });
  await bench.clock.advance(6_000);
  await bench.until(() => bench.eventsOf('delivered').length === 1);
  source.push(...documents(1, 2));
  await bench.clock.advance(6_000);
  await bench.until(() => bench.eventsOf('waiting').length === 1);
  source.push(...documents(1, 3));
  await bench.clock.advance(6_000);
  expect(bench.kind.attempts).toHaveLength(2);
  expect(bench.endpoint.rows(0)).toEqual(documents(2));
  answer();
  await bench.until(() => bench.endpoint.rows(0).length === 3);
  source.end();
  await bench.clock.advance(6_000);
  await running;
});

test('counts a document once that goes to two bindings', async () => {
  const bench = new MaterializationBench();
  const bindings = [orders, { ...orders, resourcePath: ['public', 'copies'] }];
  await bench.run(new MemorySource(documents(3)), { bindings });
  expect(bench.kind.attempts.map(({ variables }) => variables)).toMatchObject([
    {
      docs_total: 3,
      bytes_total: 30,
      collection_names: ['acme/orders'],
      resource_paths: [['orders'], ['public', 'copies']],
    },
  ]);
  expect(bench.endpoint.rows(1)).toEqual(documents(3));
});

test('reads a binding that is added later from the beginning, and the others on', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource(documents(3));
  await bench.run(source);
  source.push(...documents(1, 4));
  const bindings = [orders, { ...orders, resourcePath: ['copies'] }];
  await bench.run(source, { bindings });
  expect(source.openedAt).toEqual([undefined, 3, undefined]);
  expect(bench.endpoint.rows(0)).toEqual(documents(4));
  expect(bench.endpoint.rows(1)).toEqual(documents(4));
  await bench.run(source, { bindings });
  expect(source.openedAt.slice(3)).toEqual([4]);
});

test('goes on with a binding that was left out for a while', async () => {
  const bench = new MaterializationBench();
  const sources = { 'acme/orders': new MemorySource(documents(3)), 'acme/users': new MemorySource(documents(2)) };
  const users = { collection: 'acme/users', resourcePath: ['users'], key: ['/id'] };
  await bench.run(sources, { bindings: [orders, users] });
  await bench.run(sources, { bindings: [orders] });
  await bench.run(sources, { bindings: [orders, users] });
  expect(sources['acme/users'].openedAt).toEqual([undefined, 2]);
});

test('reads several collections side by side, none of them starved', async () => {
  const bench = new MaterializationBench();
  const sources = { 'acme/orders': new MemorySource(documents(50)), 'acme/users': new MemorySource(documents(50)) };
  const users = { collection: 'acme/users', resourcePath: ['users'], key: ['/id'] };
  await bench.run(sources, { bindings: [orders, users], transactions: { maxDocs: 10 } });
  expect(Math.max(...bench.committed)).toBe(10);
  expect(bench.kind.attempts.slice(0, 4).flatMap(({ variables }) => variables.collection_names)).toEqual([
    'acme/orders',
    'acme/users',
    'acme/orders',
    'acme/users',
  ]);
  expect([bench.endpoint.rows(0), bench.endpoint.rows(1)]).toEqual([documents(50), documents(50)]);
});

test('reads a resource that is bound to another collection from the beginning, and goes on when it is bound as before', async () => {
  const bench = new MaterializationBench();
  const sources = { 'acme/orders': new MemorySource(documents(3)), 'acme/users': new MemorySource(documents(2, 11)) };
  const log = { ...orders, isDelta: true };
  await bench.run(sources, { bindings: [log] });
  await bench.run(sources, { bindings: [{ ...log, collection: 'acme/users' }] });
  await bench.run(sources, { bindings: [log] });
  expect(bench.endpoint.rows(0)).toEqual([...documents(3), ...documents(2, 11)]);
  expect(bench.warnings).toEqual([
    'acme/orders: orders has rows already, and acme/users is read from its start: its documents are appended.',
  ]);
});

test('reads a source that cannot be resumed once, for all of its bindings', async () => {
  const bench = new MaterializationBench();
  let opened = 0;
  const pipe = (from: number): Source => ({
    isResumable: false,
    open: () => {
      opened += 1;
      return new MemorySource(documents(2, from)).open(undefined);
    },
  });
  await bench.run(pipe(1));
  await bench.run(pipe(3), { bindings: [orders, { ...orders, resourcePath: ['copies'] }] });
  expect(opened).toBe(2);
  expect([bench.endpoint.rows(0), bench.endpoint.rows(1)]).toEqual([documents(4), documents(2, 3)]);
});

test('closes a source that was still being opened', async () => {
  const bench = new MaterializationBench();
  const stop = new AbortController();
  let open = (): void => undefined;
  const calls: string[] = [];
  const source = {
    open: async () => {
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      return {
        next: async () => void calls.push('next'),
        close: async () => void calls.push('close'),
      };
    },
  };
  const running = bench.run(source, { stop: stop.signal });
  await bench.until(() => bench.eventsOf('opened').length === 1);
  await bench.clock.advance(0);
  stop.abort();
  await running;
  open();
  await bench.clock.advance(0);
  expect(calls).toEqual(['close']);
});

test.each([
  ['no documents at most', { transactions: { maxDocs: 0 } }],
  ['no number of milliseconds', { transactions: { maxDurationMs: Number.NaN } }],
  ['two bindings of one resource', { bindings: [orders, { ...orders, collection: 'acme/users' }] }],
  ['a collection without a source', { bindings: [{ ...orders, collection: 'acme/other' }] }],
])('refuses %s before it fences a session that runs', async (_, given) => {
  const bench = new MaterializationBench();
  const source = new MemorySource();
  const stop = new AbortController();
  const running = bench.run(source, { stop: stop.signal });
  await bench.until(() => bench.eventsOf('opened').length === 1);
  const sources = { 'acme/orders': new MemorySource([]), 'acme/users': new MemorySource([]) };
  expect(await errorOf(bench.run(sources, given))).toMatchObject({ code: 'SESSION_ARGUMENT_INVALID' });
  source.push(...documents(1));
  await bench.until(() => bench.eventsOf('delivered').length === 1);
  stop.abort();
  await running;
});

test('leaves nothing on the signal that stops it, however many have it', async () => {
  const stop = new AbortController();
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', onWarning);
  const benches = Array.from({ length: 12 }, () => new MaterializationBench());
  await Promise.all(benches.map((bench) => bench.run(new MemorySource(documents(1)), { stop: stop.signal })));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});

test('tells the first error, whatever goes wrong while it cleans up', async () => {
  const bench = new MaterializationBench();
  const refused = new Error('no route');
  const connector = Object.assign(bench.connect([orders]), {
    open: () => Promise.reject(refused),
    close: () => {
      throw new Error('cannot close');
    },
  });
  const observe = (): void => {
    throw new Error('cannot observe');
  };
  expect(await errorOf(bench.run(new MemorySource([]), { connector, observe }))).toBe(refused);
});

test('warns when a resource was emptied behind its back', async () => {
  const bench = new MaterializationBench();
  const empty = bench.endpoint.copy();
  const source = new MemorySource(documents(3));
  await bench.run(source);
  bench.endpoint.restore({ ...bench.endpoint.copy(), tables: empty.tables });
  await bench.run(source);
  expect(bench.warnings).toEqual([
    'acme/orders: orders is empty, although documents of acme/orders were stored in it. They are not read again, only what follows.',
  ]);
});

test('refuses a source that breaks its contract', async () => {
  const bench = new MaterializationBench();
  const next = async () => ({ documents: [], position: 0, isCaughtUp: true });
  const source = { open: async () => ({ next, close: async () => undefined }) };
  expect(await errorOf(bench.run(source))).toMatchObject({ code: 'SESSION_ARGUMENT_INVALID' });
});

test('refuses a position that another program committed', async () => {
  const bench = new MaterializationBench();
  const { TriggerSession } = await import('./trigger-session.js');
  const task = { store: bench.store, materialization: 'acme/orders', bindings: [], triggers: [] };
  const session = await TriggerSession.open({ ...task, environment: { clock: bench.clock } });
  await session.acknowledged();
  await session.settled();
  const batch = session.newBatch();
  session.stage(session.begin(), { lastOrder: 1 }, batch);
  await session.commit(batch);
  await session.close();
  expect(await errorOf(bench.run(new MemorySource([])))).toMatchObject({ code: 'CHECKPOINT_INVALID' });
});
