import { expect, test } from 'vitest';
import { documents, MaterializationBench, MemorySource } from '../test/materialization-bench.js';

test('commits what is at hand when nothing holds it up', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource();
  source.push(...documents(3));
  const running = bench.run(source);
  await bench.until(() => bench.eventsOf('delivered').length === 1);
  source.push(...documents(2, 4));
  await bench.until(() => bench.eventsOf('delivered').length === 2);
  source.end();
  await running;
  expect(bench.committed).toEqual([3, 2]);
});

test('goes on reading while the last transaction is being delivered', async () => {
  const bench = new MaterializationBench();
  bench.kind.respond('a', [{ outcome: 'retry', reason: 'busy' }, { outcome: 'delivered' }]);
  const source = new MemorySource();
  source.push(...documents(1));
  const running = bench.run(source, { transactions: { maxDurationMs: 10_000 } });
  await bench.until(() => bench.eventsOf('attempt').length === 1);
  for (let id = 2; id <= 5; id += 1) {
    source.push({ id });
    await bench.clock.advance(0);
  }
  await bench.clock.advance(1_000);
  await bench.until(() => bench.eventsOf('delivered').length === 2);
  source.end();
  await running;
  expect(bench.committed).toEqual([1, 4]);
});

test('closes a transaction after its longest time, also when documents keep coming', async () => {
  const bench = new MaterializationBench();
  let read = 0;
  const source = {
    open: async () => ({
      next: async () => {
        if (read === 8) return undefined;
        read += 1;
        await bench.clock.sleep(100);
        return { documents: [{ document: { id: read }, bytes: 1, place: '' }], position: read, isCaughtUp: false };
      },
      close: async () => undefined,
    }),
  };
  const running = bench.run(source, { transactions: { maxDurationMs: 250 } });
  for (let step = 0; step < 30; step += 1) await bench.clock.advance(50);
  await running;
  expect(bench.committed).toEqual([3, 3, 2]);
});

test('waits for its shortest time before it closes', async () => {
  const bench = new MaterializationBench();
  const source = new MemorySource();
  source.push(...documents(1));
  const running = bench.run(source, { transactions: { minDurationMs: 500, maxDurationMs: 1_000 } });
  await bench.clock.advance(400);
  source.push(...documents(1, 2));
  await bench.clock.advance(99);
  expect(bench.endpoint.rows(0)).toEqual([]);
  await bench.clock.advance(1);
  await bench.until(() => bench.eventsOf('delivered').length === 1);
  expect(bench.committed).toEqual([2]);
  source.end();
  await running;
});

test('closes before 64 MiB are exceeded by much', async () => {
  const bench = new MaterializationBench();
  let read = 0;
  const source = {
    open: async () => ({
      next: async () => {
        if (read === 5) return undefined;
        read += 1;
        const bytes = 30 * 1024 * 1024;
        return { documents: [{ document: { id: read }, bytes, place: '' }], position: read, isCaughtUp: false };
      },
      close: async () => undefined,
    }),
  };
  await bench.run(source);
  expect(bench.committed).toEqual([3, 2]);
});

test('refuses a limit that is none', async () => {
  const bench = new MaterializationBench();
  const running = bench.run(new MemorySource(documents(1)), { transactions: { maxDocs: 0 } });
  await expect(running).rejects.toMatchObject({ code: 'SESSION_ARGUMENT_INVALID' });
});
