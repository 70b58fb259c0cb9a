import type { AttemptOutcome } from '@aftercommit/registry';
import { hang } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { DeliveryBench, stuckBench, triggerConfig, windowOf } from '../test/delivery-bench.js';

const delivered: AttemptOutcome = { outcome: 'delivered' };

describe('stopping', () => {
  it('during a wait begins no attempt', async () => {
    const bench = await stuckBench({ maxAttempts: 3 });
    await bench.close();
    await bench.clock.advance(60_000);
    expect(bench.attempted).toHaveLength(1);
    expect(bench.clock.sleepers).toEqual([]);
  });

  it('during an attempt waits for it and stores that it failed', async () => {
    const bench = new DeliveryBench();
    bench.kind.respond('a', [hang]);
    await bench.open(triggerConfig('a', { name: 'one', timeout: '5s' }));
    await bench.deliver(windowOf(1));
    const closing = bench.close();
    await bench.clock.advance(5_000);
    await closing;
    expect((await bench.outboxes())[0]?.delivery).toMatchObject({ attempts: 1 });
    expect(bench.attempted).toHaveLength(1);
  });

  it('during an attempt waits for it and clears what it delivered', async () => {
    const bench = new DeliveryBench();
    let answer = (_outcome: AttemptOutcome): void => undefined;
    bench.kind.respond('a', [
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      delivered,
    ]);
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver(windowOf(1), windowOf(2));
    const closing = bench.close();
    await bench.settle();
    answer(delivered);
    await closing;
    expect((await bench.outboxes())[0]?.windows.map(({ window }) => window.docs_total)).toEqual([2]);
    expect(bench.attempted).toEqual([1]);
  });

  it('when idle ends at once', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a'));
    await bench.close();
    expect(bench.kind).toMatchObject({ opened: 1, closed: 1 });
  });
});

describe('a fenced lane', () => {
  it('clears nothing, and makes no further attempt', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.deliver(windowOf(1));
    await bench.commit(windowOf(2), windowOf(3));
    await bench.store.open('acme/orders', 'successor');
    bench.lanes.acknowledged();
    await bench.settle();
    expect(bench.failures).toMatchObject([{ code: 'STORE_FENCED' }]);
    expect(bench.attempted).toEqual([1, 2]);
    expect((await bench.outboxes())[0]?.windows).toHaveLength(2);
  });

  it('makes no first attempt: it reads what noting its outcome will need', async () => {
    const bench = new DeliveryBench();
    await bench.open(triggerConfig('a', { name: 'one' }));
    await bench.commit(windowOf(1));
    await bench.store.open('acme/orders', 'successor');
    bench.lanes.acknowledged();
    await bench.settle();
    expect(bench.failures).toMatchObject([{ code: 'STORE_FENCED' }]);
    expect(bench.attempted).toEqual([]);
  });
});
