import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { backoffMs, waitMs } from './backoff.js';

const vectors = JSON.parse(readFileSync(new URL('../../models/vectors/variables.json', import.meta.url), 'utf8')) as {
  backoffSecondsBeforeJitter: number[];
};

const least = { fraction: () => 0, id: () => '' };
const most = { fraction: () => 1 - 2 ** -53, id: () => '' };

describe('backoffMs', () => {
  it('follows the vector', () => {
    const seconds = vectors.backoffSecondsBeforeJitter.map((_, index) => backoffMs(index + 1) / 1_000);
    expect(seconds).toEqual(vectors.backoffSecondsBeforeJitter);
  });

  it.each([11, 64, 1_100, 4_294_967_295])('stays at the cap after %d failures', (failures) => {
    expect(backoffMs(failures)).toBe(30_000);
  });
});

describe('waitMs', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 1_000_000])(
    'waits between half and the whole of the backoff after %d failures',
    (n) => {
      expect(waitMs(n, least)).toBe(backoffMs(n) / 2);
      expect(waitMs(n, most)).toBe(backoffMs(n));
    },
  );

  it('waits at least as long as the receiver asked for', () => {
    expect(waitMs(1, most, 7_000)).toBe(7_000);
    expect(waitMs(5, least, 7_000)).toBe(8_000);
    expect(waitMs(1, least, 0)).toBe(500);
  });

  it.each([600_001, 86_400_000, Number.POSITIVE_INFINITY])(
    'waits ten minutes when the receiver asks for %d ms',
    (ms) => {
      expect(waitMs(1, most, ms)).toBe(600_000);
    },
  );
});
