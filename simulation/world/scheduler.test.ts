import { describe, expect, test } from 'vitest';
import { Chance } from './chance.js';
import { Scheduler } from './scheduler.js';

describe('a scheduler', () => {
  test('lets things happen at their time, and in the order of asking when that is equal', async () => {
    const scheduler = new Scheduler();
    const chance = new Chance('scheduler');
    const happened: Array<{ atMs: number; order: number }> = [];
    const planned = Array.from({ length: 500 }, (_, order) => ({ atMs: chance.between(0, 40), order }));
    for (const one of planned) {
      scheduler.after(one.atMs, () => {
        expect(scheduler.nowMs).toBe(one.atMs);
        happened.push(one);
      });
    }

    await scheduler.runFor(1_000);

    expect(happened).toEqual(planned.toSorted((left, right) => left.atMs - right.atMs || left.order - right.order));
    expect(scheduler.nowMs).toBe(1_000);
  });

  test('lets everything that follows from one thing go on before the next', async () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    scheduler.after(1, () => {
      void (async () => {
        for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
        order.push('what followed from the first');
      })();
    });
    scheduler.after(1, () => order.push('the second'));

    await scheduler.runFor(1);

    expect(order).toEqual(['what followed from the first', 'the second']);
  });

  test('lets nothing happen that was called off', async () => {
    const scheduler = new Scheduler();
    const happened: string[] = [];
    const callOff = scheduler.after(5, () => happened.push('called off'));
    scheduler.after(5, () => happened.push('kept'));
    callOff();

    await scheduler.runFor(10);

    expect(happened).toEqual(['kept']);
  });

  test('stands still once what was waited for has happened, and goes no further than it may', async () => {
    const scheduler = new Scheduler();
    let isThere = false;
    scheduler.after(7, () => (isThere = true));
    scheduler.after(9, () => expect.unreachable());

    expect(await scheduler.runUntil(() => isThere, 5)).toBe(false);
    expect(scheduler.nowMs).toBe(5);
    expect(await scheduler.runUntil(() => isThere, 5)).toBe(true);
    expect(scheduler.nowMs).toBe(7);
  });
});
