import { describe, expect, test } from 'vitest';
import { ManualClock } from './manual-clock.js';

const startsAt = Date.UTC(2024, 5, 15);

describe('ManualClock', () => {
  test('stands still until it is moved', async () => {
    const clock = new ManualClock(startsAt);
    await clock.advance(0);
    expect([clock.now(), clock.monotonic()]).toEqual([startsAt, 0]);
    await clock.advance(1500);
    expect([clock.now(), clock.monotonic()]).toEqual([startsAt + 1500, 1500]);
  });

  test('wakes sleepers in order, each at its own moment', async () => {
    const clock = new ManualClock(startsAt);
    const woken: Array<[string, number]> = [];
    for (const [name, durationMs] of [
      ['late', 300],
      ['early', 100],
      ['equal', 300],
    ] as const) {
      void clock.sleep(durationMs).then(() => woken.push([name, clock.monotonic()]));
    }
    await clock.advance(300);
    expect(woken).toEqual([
      ['early', 100],
      ['late', 300],
      ['equal', 300],
    ]);
  });

  test('wakes who falls asleep while it advances and is due before the end', async () => {
    const clock = new ManualClock(startsAt);
    const ticks: number[] = [];
    const tick = async () => {
      while (ticks.length < 3) {
        await clock.sleep(100);
        ticks.push(clock.monotonic());
      }
    };
    void tick();
    await clock.advance(250);
    expect(ticks).toEqual([100, 200]);
    expect(clock.sleepers).toEqual([{ durationMs: 100, wakesInMs: 50 }]);
  });

  test('steps the wall clock alone and wakes nobody', async () => {
    const clock = new ManualClock(startsAt);
    void clock.sleep(100);
    clock.step(-3_600_000);
    expect([clock.now(), clock.monotonic()]).toEqual([startsAt - 3_600_000, 0]);
    expect(clock.sleepers).toEqual([{ durationMs: 100, wakesInMs: 100 }]);
  });

  test('ends a sleep without an error when its signal aborts', async () => {
    const clock = new ManualClock(startsAt);
    const controller = new AbortController();
    const sleeping = clock.sleep(100, controller.signal);
    controller.abort();
    await expect(sleeping).resolves.toBeUndefined();
    await expect(clock.sleep(100, controller.signal)).resolves.toBeUndefined();
    expect(clock.sleepers).toEqual([]);
  });

  test('sleeps longer than a timer can', async () => {
    const clock = new ManualClock(startsAt);
    let woken = false;
    void clock.sleep(2 ** 40).then(() => {
      woken = true;
    });
    await clock.advance(2 ** 40 - 1);
    expect(woken).toBe(false);
    await clock.advance(1);
    expect(woken).toBe(true);
  });

  test('reports each sleep once, whether it began before or after the question', async () => {
    const clock = new ManualClock(startsAt);
    void clock.sleep(1);
    void clock.sleep(2);
    expect(await clock.nextSleep()).toEqual({ durationMs: 1, wakesInMs: 1 });
    expect(await clock.nextSleep()).toEqual({ durationMs: 2, wakesInMs: 2 });
    const asked = clock.nextSleep();
    void clock.sleep(3);
    expect(await asked).toEqual({ durationMs: 3, wakesInMs: 3 });
  });

  test('does not report a sleep that is over', async () => {
    const clock = new ManualClock(startsAt);
    void clock.sleep(1);
    await clock.advance(1);
    const asked = clock.nextSleep();
    void clock.sleep(5);
    expect(await asked).toEqual({ durationMs: 5, wakesInMs: 5 });
  });

  test('refuses to advance backwards', async () => {
    await expect(new ManualClock().advance(-1)).rejects.toThrow(/step\(\)/);
  });
});
