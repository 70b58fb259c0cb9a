import { expect, test } from 'vitest';
import { evidenceBytes, OutputTail } from './output-tail.js';

function lineOf(...chunks: string[]): string {
  const tail = new OutputTail();
  for (const chunk of chunks) tail.add(Buffer.from(chunk));
  return tail.line();
}

test('is one line without control characters', () => {
  expect(lineOf(' first\r\n\u001b[31msec', 'ond\u0000\u2028third\n')).toBe('first [31msecond third');
  expect(lineOf('\n\n')).toBe('');
});

test('keeps the end of what is long, from its first whole word on', () => {
  const line = lineOf(`s3cret${'x'.repeat(evidenceBytes - 10)} the end`);
  expect(line).toBe('…the end');
  expect(lineOf('a '.repeat(evidenceBytes), 'the', ' end')).toMatch(/^…a a .* the end$/);
});

test('shows nothing of a word that is longer than what is kept: it may be a secret of which the beginning is gone', () => {
  expect(lineOf('x'.repeat(evidenceBytes), 'y'.repeat(10))).toBe('');
  expect(lineOf('x'.repeat(evidenceBytes))).toHaveLength(evidenceBytes);
});

test('keeps whole characters', () => {
  expect(lineOf(`${'é'.repeat(evidenceBytes)} é🐙`)).toBe('…é🐙');
});
