import { readFileSync } from 'node:fs';
import { seededRandom } from '@aftercommit/testkit';
import { expect, test } from 'vitest';
import { ClockRange } from './clock-range.js';
import { formatDocumentUuid, parseDocumentUuid, type UuidClock } from './uuid-clock.js';

const { uuids }: { uuids: Array<{ uuid: string }> } = JSON.parse(
  readFileSync(new URL('../vectors/clock.json', import.meta.url), 'utf8'),
);
const plain = '9f2952f3-c6a3-11ea-8802-080607050309';

function clocksOf(...texts: string[]) {
  const range = new ClockRange();
  for (const text of texts) range.add(text);
  return range.clocks;
}

function parsed(text: string): UuidClock | undefined {
  try {
    return parseDocumentUuid(text).clock;
  } catch {
    return undefined;
  }
}

test.each([
  ...uuids.map(({ uuid }) => uuid),
  ...[plain.toUpperCase(), plain.replaceAll('-', ''), `{${plain}}`, `urn:uuid:${plain}`],
  ...['', 'x'.repeat(36), plain.replace('-', '0'), `${plain}0`, plain.replace('-11ea', '-41ea')],
  // Each of the characters beside the digits, in each part.
  ...Array.from('/:@G`g\u0141\u0131é ').flatMap((character) =>
    [0, 7, 9, 15, 19, 35].map((index) => plain.slice(0, index) + character + plain.slice(index + 1)),
  ),
])('has the clock that %j is parsed to', (uuid) => {
  const clock = parsed(uuid);
  expect(clocksOf(uuid)).toEqual(clock === undefined ? undefined : { min: clock, max: clock });
});

test('finds the earliest and the latest of clocks that differ in any bit', () => {
  const random = seededRandom(1);
  const base = BigInt(`0x${random.id().slice(0, 16)}`);
  const clocks = [base, ...Array.from({ length: 64 }, (_, bit) => base ^ (1n << BigInt(bit)))];
  const uuidOf = (clock: UuidClock) => formatDocumentUuid({ clock, flags: 0, producer: '010203040506' });
  for (const [index, clock] of clocks.entries()) {
    for (const other of clocks.slice(index)) {
      const [min, max] = clock < other ? [clock, other] : [other, clock];
      expect(clocksOf(uuidOf(clock), 'none', uuidOf(other))).toEqual({ min, max });
      expect(clocksOf(uuidOf(other), uuidOf(clock))).toEqual({ min, max });
    }
  }
});

test('has no clocks while no document had one', () => {
  expect(clocksOf()).toBeUndefined();
  expect(clocksOf('none', '')).toBeUndefined();
});
