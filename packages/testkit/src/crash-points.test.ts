import { MemoryStore, WriteBatch } from '@aftercommit/persistence';
import type { Connector } from '@aftercommit/runtime-adapter';
import { describe, expect, test, vi } from 'vitest';
import { type CrashPlan, type CrashPoint, CrashPoints } from './crash-points.js';
import { MemoryEndpoint } from './memory-endpoint.js';
import { sampleAttempt, sampleEnvironment } from './sample-attempt.js';
import { scriptedKind } from './scripted-kind.js';

const runtimeCheckpoint = { transactionId: 'one' };

/** Opens, writes, attempts, and stores two documents in one transaction; says how far it came, and what is there then. */
async function live(at: CrashPlan['at']) {
  const store = new MemoryStore();
  const endpoint = new MemoryEndpoint();
  const kind = scriptedKind();
  const die = vi.fn();
  const crash = new CrashPoints({ die, ...(at !== undefined && { at }) });
  const progress: string[] = [];
  const run = async () => {
    const state = await crash.store(store).open('task', 'owner');
    progress.push('opened');
    await state.write(new WriteBatch(state.fence).put('key', 1));
    progress.push('written');
    const trigger = await crash.triggerKind(kind).open({ target: 'a' }, sampleEnvironment());
    await trigger.attempt(sampleAttempt());
    progress.push('attempted');
    const bindings = [{ key: ['/id'], isDelta: false }];
    const inner = endpoint.connect({ bindings, runtimeCheckpointOwner: 'endpoint' });
    await transact(crash.connector(inner), progress);
    await crash.reach('after-everything');
    progress.push('over');
  };
  void run();
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return {
    crash,
    last: progress.at(-1),
    died: die.mock.calls.length,
    opened: (await store.tasks()).length,
    written: (await store.read('task')).length,
    attempted: kind.attempts.length,
    stored: endpoint.rows(0).length,
  };
}

async function transact(connector: Connector, progress: string[]): Promise<void> {
  await connector.open({ epoch: 1n });
  progress.push('connected');
  await connector.acknowledge();
  progress.push('acknowledged');
  for await (const loaded of connector.load(eachOf([]))) expect.fail(`${loaded.binding} was never stored`);
  progress.push('loaded');
  await connector.flush();
  progress.push('flushed');
  await connector.store(eachOf([1, 2].map((id) => ({ binding: 0, key: [id], document: { id } }))));
  progress.push('stored');
  await connector.startCommit(runtimeCheckpoint);
  progress.push('committed');
  await connector.close();
  progress.push('closed');
}

async function* eachOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** The last thing that the program knows it did, and how much is there: tasks, keys, attempts, rows. */
const table: ReadonlyArray<[CrashPoint, string | undefined, number, number, number, number]> = [
  ['before-open-task', undefined, 0, 0, 0, 0],
  ['after-open-task', undefined, 1, 0, 0, 0],
  ['before-write', 'opened', 1, 0, 0, 0],
  ['after-write', 'opened', 1, 1, 0, 0],
  ['before-attempt', 'written', 1, 1, 0, 0],
  ['after-attempt', 'written', 1, 1, 1, 0],
  ['before-open-endpoint', 'attempted', 1, 1, 1, 0],
  ['after-open-endpoint', 'attempted', 1, 1, 1, 0],
  ['before-acknowledge', 'connected', 1, 1, 1, 0],
  ['after-acknowledge', 'connected', 1, 1, 1, 0],
  ['before-load', 'acknowledged', 1, 1, 1, 0],
  ['after-load', 'acknowledged', 1, 1, 1, 0],
  ['before-flush', 'loaded', 1, 1, 1, 0],
  ['after-flush', 'loaded', 1, 1, 1, 0],
  ['before-store', 'flushed', 1, 1, 1, 0],
  ['within-store', 'flushed', 1, 1, 1, 0],
  ['after-store', 'flushed', 1, 1, 1, 0],
  ['before-start-commit', 'stored', 1, 1, 1, 0],
  ['after-start-commit', 'stored', 1, 1, 1, 2],
  ['before-close-endpoint', 'committed', 1, 1, 1, 2],
  ['after-close-endpoint', 'committed', 1, 1, 1, 2],
];

describe('crash points', () => {
  test.each(table)('%s leaves what had an effect before it, and nothing after it', async (point, last, ...counts) => {
    const { crash, opened, written, attempted, stored, ...there } = await live({ point, occurrence: 1 });
    expect(there).toEqual({ last, died: 1 });
    expect([opened, written, attempted, stored]).toEqual(counts);
    expect([...crash.reached.keys()].at(-1)).toBe(point);
  });

  test('includes those of the host', async () => {
    expect(await live({ point: 'after-everything', occurrence: 1 })).toMatchObject({ last: 'closed', died: 1 });
  });

  test('only counts when it is not to die there', async () => {
    for (const at of [undefined, { point: 'after-write', occurrence: 2 }]) {
      const { last, died, crash } = await live(at);
      expect([last, died]).toEqual(['over', 0]);
      const points = [...table.map(([point]) => point), 'after-everything'];
      expect([...crash.reached]).toEqual(points.map((point) => [point, 1]));
    }
  });

  test('dies at the planned occurrence, and nothing has an effect any more', async () => {
    const die = vi.fn();
    const inner = new MemoryStore();
    const store = new CrashPoints({ die, at: { point: 'before-write', occurrence: 3 } }).store(inner);
    const state = await store.open('task', 'owner');
    for (const key of ['a', 'b']) await state.write(new WriteBatch().put(key, 1));
    let settled = 0;
    for (const begin of [
      () => state.write(new WriteBatch().put('c', 1)),
      () => state.write(new WriteBatch().put('d', 1)),
      () => store.request('task', 'stop'),
      () => store.open('other', 'owner'),
      () => state.get('a'),
    ]) {
      void begin().finally(() => {
        settled += 1;
      });
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect([die.mock.calls.length, settled]).toEqual([1, 0]);
    expect(await inner.tasks()).toEqual(['task']);
    expect((await inner.read('task')).map(([key]) => key)).toEqual(['a', 'b']);
  });

  test('kills the process with SIGKILL by default', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    void new CrashPoints({ at: { point: 'after-commit', occurrence: 1 } }).reach('after-commit');
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGKILL');
    kill.mockRestore();
  });

  test('passes on when there may be messages', async () => {
    const store = new CrashPoints().store(new MemoryStore());
    const state = await store.open('task', 'owner');
    const listener = vi.fn();
    const stop = state.onMessage?.(listener);
    await store.request('task', 1);
    expect(listener).toHaveBeenCalledTimes(1);
    stop?.();
    await store.request('task', 2);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('passes on everything else of a kind', () => {
    const kind = scriptedKind({ kind: 'played' });
    const wrapped = new CrashPoints().triggerKind(kind);
    expect(wrapped.kind).toBe('played');
    expect(wrapped.configSchema).toBe(kind.configSchema);
    expect(wrapped.describeTarget({ target: 'a' })).toBe('scripted://a');
  });

  test('passes on what a connector loads, and who owns its runtime checkpoint', async () => {
    const endpoint = new MemoryEndpoint();
    const options = { bindings: [{ key: ['/id'], isDelta: false }], runtimeCheckpointOwner: 'endpoint' } as const;
    await transact(endpoint.connect(options), []);
    const crash = new CrashPoints();
    const connector = crash.connector(endpoint.connect(options));
    await connector.open({ epoch: 2n, runtimeCheckpoint });
    await connector.acknowledge();
    const loaded: unknown[] = [];
    for await (const { document } of connector.load(eachOf([1, 2, 3].map((id) => ({ binding: 0, key: [id] }))))) {
      loaded.push(document);
    }
    expect(loaded).toEqual([{ id: 1 }, { id: 2 }]);
    expect(connector.runtimeCheckpointOwner).toBe('endpoint');
  });
});
