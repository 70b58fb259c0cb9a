import { describe, expect, it } from 'vitest';
import { compareText } from './text-order.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const at = left.findIndex((byte, index) => byte !== right[index]);
  if (at === -1) return left.length - right.length;
  return at >= right.length ? 1 : (left[at] ?? 0) - (right[at] ?? 0);
}

describe('compareText', () => {
  const texts = [
    '',
    '\0',
    'a',
    'a\0',
    'ab',
    'b',
    'é',
    'e\u0301',
    '\ud7ff',
    '\ue000',
    '\uff5e',
    '\uffff',
    '\u{10000}',
    '\u{1f600}',
    '\u{10ffff}',
    'a\u{1f600}',
    'a\uff5e',
  ];

  it('orders any two texts as their UTF-8 bytes are', () => {
    const pairs = texts.flatMap((left) => texts.map((right) => ({ left, right })));
    const wrong = pairs.filter(
      ({ left, right }) => Math.sign(compareText(left, right)) !== Math.sign(compareBytes(bytes(left), bytes(right))),
    );
    expect(wrong).toEqual([]);
  });
});
