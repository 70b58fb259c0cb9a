import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { DurationError, DurationSchema, formatDuration, isDurationError, parseDuration } from './duration.js';

const day = 86_400_000;

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['000', 0],
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['1h 30m', 5_400_000],
    ['2days', 2 * day],
    ['15days 2min', 15 * day + 120_000],
    ['1month', 30.44 * day],
    ['1y', 365.25 * day],
    ['500us', 0.5],
    ['1m30s', 90_000],
    [' 5 s ', 5_000],
    ['\t5\ns\t', 5_000],
    ['2h37min', 9_420_000],
    ['20 min 17 nsec ', 1_200_000.000017],
    ['1s 1s', 2_000],
    ['30m 1h', 5_400_000],
    ['10 000ms', 10_000],
    ['1 2s', 12_000],
    ['007s', 7_000],
    ['1.5s', 1_500],
    ['1 . 5 s', 1_500],
    ['0.25h', 900_000],
    ['18446744073709551615ns', 18_446_744_073_709.55],
  ])('reads %j as %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    [['nanos', 'nsec', 'ns'], 1e-6],
    [['usec', 'us', 'µs'], 1e-3],
    [['millis', 'msec', 'ms'], 1],
    [['seconds', 'second', 'secs', 'sec', 's'], 1_000],
    [['minutes', 'minute', 'mins', 'min', 'm'], 60_000],
    [['hours', 'hour', 'hrs', 'hr', 'h'], 3_600_000],
    [['days', 'day', 'd'], day],
    [['weeks', 'week', 'wks', 'wk', 'w'], 7 * day],
    [['months', 'month', 'M'], 2_630_016_000],
    [['years', 'year', 'yrs', 'yr', 'y'], 31_557_600_000],
  ])('reads the units %j as %d ms', (units, milliseconds) => {
    expect(units.map((unit) => parseDuration(`1${unit}`))).toEqual(units.map(() => milliseconds));
  });

  it('counts fractions exactly, where floating point would not', () => {
    expect(1.005 * 1_000).not.toBe(1_005);
    expect(parseDuration('1.005s')).toBe(1_005);
    expect(parseDuration('0.1s 0.2s')).toBe(300);
    expect(parseDuration('100y 1ms')).toBe(100 * 365.25 * day + 1);
  });

  it.each([
    ['', 'it is empty'],
    [' \n', 'it is empty'],
    ['30', '"30" has no unit'],
    [' 0 ', '"0" has no unit'],
    ['1.5', '"1.5" has no unit'],
    ['1h 30', '"30" has no unit'],
    ['-1s', 'it is negative'],
    ['1s -1s', 'it is negative'],
    ['1.5.2s', '".2s" is not a unit'],
    ['1.s', '".s" is not a unit'],
    ['1,5s', '",5s" is not a unit'],
    ['.5s', '".5s" does not start with a number'],
    ['1 fortnight', '"fortnight" is not a unit'],
    ['1S', '"S" is not a unit'],
    ['1MS', '"MS" is not a unit'],
    ['1constructor', '"constructor" is not a unit'],
    ['s', '"s" does not start with a number'],
    ['1s x', '"x" does not start with a number'],
    ['2 hours min', '"min" does not start with a number'],
    ['1m sec', '"sec" does not start with a number'],
    ['1s, 2s', '", 2s" does not start with a number'],
    ['PT5S', '"PT5S" does not start with a number'],
    ['1e3s', '"e" is not a unit'],
    ['٣s', '"٣s" does not start with a number'],
    ['100000000000000y', 'it is too long'],
    [`${'9'.repeat(400)}ns`, 'it is too long'],
  ])('refuses %j and says why', (text, problem) => {
    expect(() => parseDuration(text)).toThrow(
      `"${text}" is not a duration: ${problem}. Write a number with a unit, as in 500ms, 30s, 1h 30m or 2days.`,
    );
  });

  it('accepts the longest length that milliseconds count exactly, and not one more', () => {
    expect(parseDuration(`${Number.MAX_SAFE_INTEGER}ms`)).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => parseDuration(`${Number.MAX_SAFE_INTEGER}ms 1ms`)).toThrow('it is too long');
  });

  it('raises errors that are recognised across copies of the package', () => {
    const error = new DurationError('x', 'it is x');
    expect(error).toMatchObject({ name: 'DurationError', code: 'DURATION_INVALID' });
    expect(isDurationError(error)).toBe(true);
    expect(isDurationError({ [Symbol.for('aftercommit.DurationError')]: true })).toBe(true);
    expect(isDurationError(new RangeError('x'))).toBe(false);
    expect(isDurationError(undefined)).toBe(false);
  });
});

describe('DurationSchema', () => {
  const parts = ['0', '1', '25', '1.5', '.', 's', 'ms', 'min', 'M', 'µs', 'fortnight', 'x', '-', ' ', '\n'];
  const generated = parts.flatMap((first) =>
    parts.flatMap((second) => parts.flatMap((third) => parts.map((fourth) => first + second + third + fourth))),
  );

  it('accepts exactly what parseDuration accepts', () => {
    const texts = ['', ...parts, ...generated, '1h 30m 5s 7ms', '1h 30m 5s 7', '1 h 3 0 m', '1m 1 0'];
    const accepted = texts.filter(isDuration);
    expect(accepted.length).toBeGreaterThan(1_000);
    expect(texts.length - accepted.length).toBeGreaterThan(1_000);
    expect(texts.filter((text) => Value.Check(DurationSchema, text) !== isDuration(text))).toEqual([]);
  });

  it('leaves the greatest length to parseDuration: a pattern cannot count', () => {
    expect(Value.Check(DurationSchema, '100000000000000y')).toBe(true);
  });

  it.each([
    ['spaces', `1s${' '.repeat(50_000)}x`],
    ['digits', `${'1 '.repeat(25_000)}x`],
    ['spans', `${'1s '.repeat(15_000)}x`],
  ])('refuses a long text of %s without trying every way to read it', (_what, text) => {
    const startedAt = performance.now();
    expect(Value.Check(DurationSchema, text)).toBe(false);
    expect(isDuration(text)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  function isDuration(text: string): boolean {
    try {
      parseDuration(text);
      return true;
    } catch (error) {
      if (isDurationError(error)) return false;
      throw error;
    }
  }
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [0.4, '0s'],
    [1, '1ms'],
    [999.6, '1s'],
    [90_000, '1m 30s'],
    [day + 1, '1d 1ms'],
    [40 * day + 3_600_000, '40d 1h'],
  ])('writes %d ms as %j', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it.each([1, 59_999, 3_600_000, 123_456_789, Number.MAX_SAFE_INTEGER])(
    'writes %d ms so that it is read back',
    (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    },
  );
});
