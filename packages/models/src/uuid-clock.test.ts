import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  clockFromUnix,
  clockToRfc3339,
  clockToUnix,
  DocumentUuidError,
  formatDocumentUuid,
  isDocumentUuidError,
  parseDocumentUuid,
} from './uuid-clock.js';

type UuidVector = {
  uuid: string;
  clock?: string;
  counter?: number;
  flags?: number;
  producer?: string;
  rfc3339?: string;
  unixSeconds?: number;
  nanos?: number;
  error?: string;
};
type ClockVector = { clock: string; unixSeconds: number; nanos: number; nanosAfter?: number };

const vectors: { uuids: UuidVector[]; clocks: ClockVector[] } = JSON.parse(
  readFileSync(new URL('../vectors/clock.json', import.meta.url), 'utf8'),
);
const readable = vectors.uuids.filter(({ error }) => error === undefined);
const unreadable = vectors.uuids.filter(({ error }) => error !== undefined);

const epochClock = clockFromUnix(0, 0);
const plain = '9f2952f3-c6a3-11ea-8802-080607050309';

describe('parseDocumentUuid', () => {
  it.each(readable)('reads what the reference system reads from $uuid', (vector) => {
    const { clock, flags, producer } = parseDocumentUuid(vector.uuid);
    const { seconds, nanos } = clockToUnix(clock);

    expect({
      ...(vector.clock !== undefined && { clock: `0x${clock.toString(16)}` }),
      ...(vector.counter !== undefined && { counter: Number(clock & 0xfn) }),
      flags,
      ...(vector.producer !== undefined && { producer }),
      ...(vector.rfc3339 !== undefined && { rfc3339: clockToRfc3339(clock) }),
      ...(vector.unixSeconds !== undefined && { unixSeconds: seconds, nanos }),
      uuid: vector.uuid,
    }).toEqual(vector);
  });

  it.each(unreadable)('refuses $uuid: $error', ({ uuid, error }) => {
    expect(() => parseDocumentUuid(uuid)).toThrow(`"${uuid}" is ${error}`);
  });

  it.each([
    ['upper case', plain.toUpperCase()],
    ['its digits alone', plain.replaceAll('-', '')],
    ['braces', `{${plain}}`],
    ['a URN', `urn:uuid:${plain}`],
    ['a URN in upper case', `URN:UUID:${plain.toUpperCase()}`],
  ])('reads a UUID in %s as the same', (_spelling, text) => {
    expect(parseDocumentUuid(text)).toEqual(parseDocumentUuid(plain));
  });

  it.each([
    '',
    ` ${plain}`,
    `${plain}\n`,
    `${plain}0`,
    plain.slice(1),
    `{${plain}`,
    `${plain}}`,
    `{urn:uuid:${plain}}`,
    `urn:${plain}`,
    '9f2952f3c6a3-11ea-8802-080607050309',
    '9f2952f3-c6a3-11ea-8802-08060705030g',
  ])('refuses %j as no UUID', (text) => {
    expect(() => parseDocumentUuid(text)).toThrow('not a UUID');
  });

  it('refuses the nil UUID: it has no version', () => {
    expect(() => parseDocumentUuid('00000000-0000-0000-0000-000000000000')).toThrow('not a version-1 UUID');
  });

  it('reads all 16 counters and all ten bits of flags apart from each other', () => {
    const parts = { clock: epochClock | 15n, flags: 0x3ff, producer: 'ffffffffffff' };
    expect(parseDocumentUuid(formatDocumentUuid(parts))).toEqual(parts);
    expect(parseDocumentUuid(formatDocumentUuid({ ...parts, flags: 0 })).clock).toBe(epochClock | 15n);
    expect(parseDocumentUuid(formatDocumentUuid({ ...parts, clock: epochClock })).flags).toBe(0x3ff);
  });

  it('raises errors that are recognised across copies of the package', () => {
    const error = new DocumentUuidError('x', 'not a UUID');
    expect(error).toMatchObject({ name: 'DocumentUuidError', code: 'UUID_INVALID' });
    expect(isDocumentUuidError(error)).toBe(true);
    expect(isDocumentUuidError({ [Symbol.for('aftercommit.DocumentUuidError')]: true })).toBe(true);
    expect(isDocumentUuidError(new Error('x'))).toBe(false);
    expect(isDocumentUuidError(null)).toBe(false);
  });
});

describe('formatDocumentUuid', () => {
  it.each(readable)('writes $uuid back as it was read', ({ uuid }) => {
    expect(formatDocumentUuid(parseDocumentUuid(uuid))).toBe(uuid);
  });

  it.each([0n, 1n, 15n, 16n, 2n ** 64n - 1n])('writes the clock %s so that it is read back', (clock) => {
    const parts = { clock, flags: 1, producer: '010203040506' };
    expect(parseDocumentUuid(formatDocumentUuid(parts))).toEqual(parts);
  });

  it.each([
    ['a clock beyond 64 bits', { clock: 2n ** 64n }],
    ['a negative clock', { clock: -1n }],
    ['flags that would spill into the counter', { flags: 0x400 }],
    ['negative flags', { flags: -1 }],
    ['a producer of another length', { producer: '0102030405' }],
  ])('refuses %s', (_what, wrong) => {
    const parts = { clock: epochClock, flags: 0, producer: '010203040506', ...wrong };
    expect(() => formatDocumentUuid(parts)).toThrow(RangeError);
  });
});

describe('clocks', () => {
  it.each(vectors.clocks)('reads $clock as the reference system does', ({ clock, unixSeconds, nanos, nanosAfter }) => {
    expect(clockToUnix(BigInt(clock))).toEqual({ seconds: unixSeconds, nanos: nanosAfter ?? nanos });
  });

  const written = vectors.clocks.filter(({ clock }) => clock !== '0x0');
  it.each(written)('writes $unixSeconds s and $nanos ns as $clock', ({ clock, unixSeconds, nanos }) => {
    expect(`0x${clockFromUnix(unixSeconds, nanos).toString(16)}`).toBe(clock);
  });

  it.each([
    ['clock 0', 0n, '1970-01-01T00:00:00Z'],
    ['clock 0 with its counter at 15', 15n, '1970-01-01T00:00:00.00000006Z'],
    ['one second before the epoch', clockFromUnix(-1, 0), '1970-01-01T00:00:00Z'],
    ['the epoch', epochClock, '1970-01-01T00:00:00Z'],
    ['the epoch with its counter at 15', epochClock | 15n, '1970-01-01T00:00:00.00000006Z'],
    ['nanoseconds just under a tick', clockFromUnix(1, 99), '1970-01-01T00:00:01Z'],
    ['nanoseconds just under a second', clockFromUnix(1, 999_999_999), '1970-01-01T00:00:01.9999999Z'],
    ['a counter that counts beyond its tick', clockFromUnix(1, 999_999_900) | 15n, '1970-01-01T00:00:01.99999996Z'],
    ['the last clock there is', 2n ** 64n - 1n, '5236-03-31T21:21:00.68469756Z'],
  ])('prints %s', (_what, clock, text) => {
    expect(clockToRfc3339(clock)).toBe(text);
  });

  it('keeps the order of instants before 1970, although all of them read as the epoch', () => {
    expect(clockFromUnix(-2, 0)).toBeLessThan(clockFromUnix(-1, 0));
    expect(clockFromUnix(-1, 999_999_999)).toBeLessThan(epochClock);
  });
});
