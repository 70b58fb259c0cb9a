import { afterEach, describe, expect, it, vi } from 'vitest';
import { standardErrorLogger, systemClock, systemRandom } from './system-environment.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the machine's clock", () => {
  it('sleeps longer than a timer can, in parts', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const month = 30 * 86_400_000;
    let isAwake = false;
    const sleeping = systemClock.sleep(month).then(() => {
      isAwake = true;
    });
    await vi.advanceTimersByTimeAsync(month - 1);
    expect(isAwake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await sleeping;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wakes without an error when the signal aborts, and leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const waking = new AbortController();
    const sleeping = systemClock.sleep(30 * 86_400_000, waking.signal);
    waking.abort();
    await sleeping;
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, -1])('does not sleep for %d ms, nor for a signal that aborted before', async (durationMs) => {
    await systemClock.sleep(durationMs);
    await systemClock.sleep(60_000, AbortSignal.abort());
  });

  it('tells the time since 1970, and another that never goes back', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
  });
});

it("the machine's randomness gives fractions, and ids nobody has seen", () => {
  const ids = Array.from({ length: 100 }, () => systemRandom.id());
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(systemRandom.fraction()).toBeLessThan(1);
});

it('the logger of last resort tells warnings, and nothing else', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  standardErrorLogger.info('quiet');
  standardErrorLogger.warn('loud');
  expect(warn.mock.calls).toEqual([['aftercommit: loud']]);
});
