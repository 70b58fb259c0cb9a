import { describe, expect, test } from 'vitest';
import { DeliveryBench, triggerConfig, windowOf } from '../test/delivery-bench.js';
import { AttemptSlots } from './attempt-slots.js';

const never = new AbortController().signal;

describe('slots for attempts', () => {
  test('are given to whoever has waited longest', async () => {
    const slots = new AttemptSlots(1);
    const order: string[] = [];
    await slots.take(never);
    const second = slots.take(never).then(() => order.push('second'));
    const third = slots.take(never).then(() => order.push('third'));
    slots.free();
    await second;
    expect(order).toEqual(['second']);
    slots.free();
    await third;
    slots.free();
    expect(slots.taken).toBe(0);
  });

  test('are not given to whoever does not want one any more', async () => {
    const slots = new AttemptSlots(1);
    await slots.take(never);
    const leaving = new AbortController();
    const given = slots.take(leaving.signal);
    const next = slots.take(never);
    leaving.abort();
    expect(await given).toBe(false);
    slots.free();
    expect(await next).toBe(true);
    expect(await slots.take(leaving.signal)).toBe(false);
    expect(slots.taken).toBe(1);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('cannot be %s', (most) => {
    expect(() => new AttemptSlots(most)).toThrow(/whole number, at least 1/);
  });
});

describe('lanes that share slots', () => {
  /** A receiver that answers when it is told to. */
  function waiting(): { answers: Array<() => void>; step: () => Promise<{ outcome: 'delivered' }> } {
    const answers: Array<() => void> = [];
    const step = (): Promise<{ outcome: 'delivered' }> =>
      new Promise((resolve) => answers.push(() => resolve({ outcome: 'delivered' })));
    return { answers, step };
  }

  async function sharing(most: number): Promise<{ bench: DeliveryBench; answers: Array<() => void> }> {
    const bench = new DeliveryBench();
    bench.slots = new AttemptSlots(most);
    const { answers, step } = waiting();
    for (const target of ['a', 'b', 'c']) bench.kind.respond(target, [step]);
    await bench.open(['a', 'b', 'c'].flatMap((target) => triggerConfig(target)));
    await bench.commit(windowOf(1));
    bench.lanes.acknowledged();
    await bench.clock.advance(0);
    return { bench, answers };
  }

  test('have no more attempts in flight than there are slots', async () => {
    const { bench, answers } = await sharing(2);
    expect(bench.kind.attempts.map(({ target }) => target)).toEqual(['a', 'b']);
    answers[0]?.();
    await bench.clock.advance(0);
    expect(bench.kind.attempts.map(({ target }) => target)).toEqual(['a', 'b', 'c']);
    for (const answer of answers) answer();
    await bench.clock.advance(0);
    expect(bench.events.filter(({ event }) => event === 'delivered')).toHaveLength(3);
    expect(bench.slots?.taken).toBe(0);
  });

  test('begin no attempt after they were stopped while they waited for a slot, and leave none taken', async () => {
    const { bench, answers } = await sharing(1);
    const stopped = bench.lanes.stop();
    for (const answer of answers) answer();
    await stopped;
    expect(bench.kind.attempts).toHaveLength(1);
    expect(bench.slots?.taken).toBe(0);
  });
});
