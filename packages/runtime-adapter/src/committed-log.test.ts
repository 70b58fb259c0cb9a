import type { Json } from '@aftercommit/models';
import { MemoryStore, WriteBatch } from '@aftercommit/persistence';
import { committedLimit, taskKeys } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { materialization, SessionBench, triggerConfig, withWrites } from '../test/session-bench.js';
import { CommittedLog } from './committed-log.js';

const window = {
  materialization_name: materialization,
  connector_image: '',
  collection_names: ['acme/orders'],
  resource_paths: [['orders']],
  flow_published_at_min: '',
  flow_published_at_max: '',
  run_id: '2024-01-01T00:00:00.000000Z',
  docs_total: 3,
  bytes_total: 30,
};

async function logOf(...numbers: number[]): Promise<CommittedLog> {
  const state = await new MemoryStore().open(materialization, 'owner');
  const batch = new WriteBatch();
  for (const number of numbers) batch.put(taskKeys.committedCommit(number), null);
  await state.write(batch);
  const log = new CommittedLog(state);
  await log.load();
  return log;
}

function staged(log: CommittedLog, number: number, outboxes = ['000001']): Array<[string, Json | undefined]> {
  const batch = new WriteBatch();
  log.stage(batch, { number, window, outboxes, isAdopted: false });
  return [...batch.changes];
}

describe('the commits that are kept', () => {
  it('name the outboxes that were told, and the one before', async () => {
    const record = { runId: window.run_id, docsTotal: 3, bytesTotal: 30, outboxes: ['000001'] };
    expect(staged(await logOf(), 1)).toEqual([[taskKeys.committedCommit(1), { ...record, previous: null }]]);
    expect(staged(await logOf(1, 4), 7)).toEqual([[taskKeys.committedCommit(7), { ...record, previous: 4 }]]);
  });

  it('make place for a new one only when there are as many as are kept', async () => {
    const numbers = Array.from({ length: committedLimit }, (_none, index) => 2 * index + 1);
    const log = await logOf(...numbers.slice(1));
    expect(staged(log, 5_000)).toHaveLength(1);
    log.add(5_000, ['000001']);
    expect(staged(log, 5_001).slice(1)).toEqual([[taskKeys.committedCommit(3), undefined]]);
    log.add(5_001, ['000001']);
    expect(staged(log, 5_002).slice(1)).toEqual([[taskKeys.committedCommit(5), undefined]]);
  });

  it('are not changed by a batch that is rolled back', async () => {
    const log = await logOf(1);
    staged(log, 2);
    expect(staged(log, 2)).toMatchObject([[taskKeys.committedCommit(2), { previous: 1 }]]);
  });

  it('are none of which nobody was told', async () => {
    const log = await logOf(1);
    expect(staged(log, 2, [])).toEqual([]);
    log.add(2, []);
    expect(staged(log, 3)).toMatchObject([[taskKeys.committedCommit(3), { previous: 1 }]]);
  });
});

/** The keys that each write changed: those it removed with a minus in front. */
function keysWritten(bench: SessionBench): string[][] {
  const writes: string[][] = [];
  bench.store = withWrites(bench.store, async (write, { changes }) => {
    writes.push([...changes].map(([key, value]) => (value === undefined ? `-${key}` : key)));
    await write();
  });
  return writes;
}

describe('what evidence costs', () => {
  it('is nothing for a task without triggers', async () => {
    const bench = new SessionBench();
    const writes = keysWritten(bench);
    const session = await bench.open([]);
    for (const docs of [1, 0, 2]) await bench.transact(session, docs);
    await session.close();
    const commit = (number: number): string[] => [taskKeys.commit(number), `-${taskKeys.commit(number - 1)}`];
    expect(writes).toEqual([[], commit(1), commit(2), commit(3)]);
  });

  it('is one key per commit with documents, and one per delivery in the write that clears it', async () => {
    const bench = new SessionBench();
    const writes = keysWritten(bench);
    const session = await bench.open(['a']);
    const runId = await bench.transact(session, 1);
    await bench.transact(session, 0);
    await session.close();
    expect(writes.slice(1)).toEqual([
      [taskKeys.commit(1), `-${taskKeys.commit(0)}`, taskKeys.committedCommit(1), taskKeys.window('000001', runId)],
      [taskKeys.done('000001', runId), `-${taskKeys.window('000001', runId)}`],
      [taskKeys.commit(2), `-${taskKeys.commit(1)}`],
    ]);
  });
});

describe('a task that begins again', () => {
  it('never gives a number to two commits, also when it is opened again before it commits', async () => {
    const bench = new SessionBench();
    const first = await bench.open(['a'], { endpointCheckpoint: async () => undefined });
    for (const docs of [1, 2]) await bench.transact(first, docs);
    await first.close();
    for (const _opening of [1, 2]) {
      const again = await bench.open(['a'], {
        endpointCheckpoint: async () => undefined,
        acceptEndpointCheckpoint: true,
      });
      await again.close();
    }
    const last = await bench.open(['a']);
    await bench.transact(last, 3);
    await last.close();
    const keys = (await bench.store.read(materialization)).map(([key]) => key).filter((key) => /^commit/.test(key));
    expect(keys).toEqual([taskKeys.commit(3), ...[1, 2, 3].map((number) => taskKeys.committedCommit(number))]);
  });
});

it('a commit that the endpoint brings along is kept with the outboxes that are given its window', async () => {
  const bench = new SessionBench();
  const first = await bench.open(['a', triggerConfig('b')], { endpointCheckpoint: async () => undefined });
  await first.acknowledged();
  const transaction = first.begin();
  transaction.add(0, { bytes: 7 });
  await first.settled();
  const ahead = first.stage(transaction, 1, first.newBatch());
  await first.close();
  const second = await bench.open(['a', 'c'], { endpointCheckpoint: async () => ahead });
  await second.close();
  const kept = new Map(await bench.store.read(materialization)).get(taskKeys.committedCommit(1));
  expect(kept).toEqual({
    runId: transaction.runId,
    docsTotal: 1,
    bytesTotal: 7,
    outboxes: ['000001', '000002', '000003'],
    previous: null,
    adopted: true,
  });
});
