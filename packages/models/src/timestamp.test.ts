import { describe, expect, it } from 'vitest';
import { formatRunId, formatTimestamp, parseRunId, parseTimestamp } from './timestamp.js';

describe('timestamps', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['1970-01-01T00:00:00.000000001Z', 1n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['2023-11-14T22:13:20.12Z', 1_700_000_000_120_000_000n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
    ['0000-01-01T00:00:00Z', -62_167_219_200_000_000_000n],
    ['9999-12-31T23:59:59.999999999Z', 253_402_300_799_999_999_999n],
  ])('reads and writes %s', (text, nanos) => {
    expect(parseTimestamp(text)).toBe(nanos);
    expect(formatTimestamp(nanos)).toBe(text);
  });

  it('reads a fraction with trailing zeros, and writes none', () => {
    expect(formatTimestamp(parseTimestamp('2024-01-01T00:00:00.500000Z'))).toBe('2024-01-01T00:00:00.5Z');
    expect(formatTimestamp(parseTimestamp('2024-01-01T00:00:00.000Z'))).toBe('2024-01-01T00:00:00Z');
  });

  it('compares as instants, where texts compare wrongly', () => {
    const inTime = ['2024-01-01T00:00:20Z', '2024-01-01T00:00:20.5Z'];
    expect([...inTime].sort()).not.toEqual(inTime);
    const [earlier = 0n, later = 0n] = inTime.map(parseTimestamp);
    expect(earlier).toBeLessThan(later);
  });

  it.each([
    '',
    '2024-01-01',
    '2024-01-01T00:00:00',
    '2024-01-01T00:00:00+00:00',
    '2024-01-01 00:00:00Z',
    '2024-01-01T00:00:00.Z',
    '2024-01-01T00:00:00.1234567890Z',
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2016-12-31T23:59:60Z',
    '10000-01-01T00:00:00Z',
    '2024-01-01T00:00:00Z\n',
  ])('refuses %j', (text) => {
    expect(() => parseTimestamp(text)).toThrow(RangeError);
  });

  it.each([253_402_300_800_000_000_000n, -62_167_219_200_000_000_001n])(
    'refuses to write %s ns, whose year has no four digits',
    (nanos) => {
      expect(() => formatTimestamp(nanos)).toThrow('outside the years 0 to 9999');
    },
  );
});

describe('run ids', () => {
  it.each([
    [0n, '1970-01-01T00:00:00.000000Z'],
    [1n, '1970-01-01T00:00:00.000001Z'],
    [-1n, '1969-12-31T23:59:59.999999Z'],
    [1_718_454_600_000_000n, '2024-06-15T12:30:00.000000Z'],
    [253_402_300_799_999_999n, '9999-12-31T23:59:59.999999Z'],
  ])('writes %s with six fraction digits and reads it back', (micros, runId) => {
    expect(formatRunId(micros)).toBe(runId);
    expect(parseRunId(runId)).toBe(micros);
  });

  it('reads run ids of other systems, dropping what is below a microsecond', () => {
    expect(parseRunId('2024-06-15T12:30:00.000Z')).toBe(1_718_454_600_000_000n);
    expect(parseRunId('1970-01-01T00:00:00.000001999Z')).toBe(1n);
    expect(parseRunId('1969-12-31T23:59:59.999999999Z')).toBe(-1n);
  });

  it('sorts as text in the order of time, because every run id has the same length', () => {
    const runIds = [1n, 10n, 999_999n, 1_000_000n, 1_000_001n].map(formatRunId);
    expect([...runIds].sort()).toEqual(runIds);
  });
});
