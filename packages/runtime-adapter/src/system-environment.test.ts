import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
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

  it.each([0, -1])('sets no timer for %d ms, nor for a signal that aborted before', async (durationMs) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await systemClock.sleep(durationMs);
    await systemClock.sleep(60_000, AbortSignal.abort());
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wakes after what had arrived is read, also when the process stood still meanwhile', async () => {
    const server = createServer((_request, response) => response.end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const order: string[] = [];
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.once('data', () => order.push('answer'));
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    const child = spawnSync(process.execPath, ['-e', 'setTimeout(() => undefined, 1)']);
    expect(child.status).toBe(0);
    // The server is in this process too: it must have had its turn before this process stands still.
    await once(server, 'request');
    await new Promise((resolve) => setImmediate(resolve));
    const sleeping = systemClock.sleep(1).then(() => order.push('awake'));
    spawnSync(process.execPath, ['-e', 'setTimeout(() => undefined, 20)']);
    await sleeping;
    expect(order).toEqual(['answer', 'awake']);
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
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
