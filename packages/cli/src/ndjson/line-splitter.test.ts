import { describe, expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.js';

const text = 'one\ntwo\r\n\nlonger than a chunk\r\nlast';

describe('LineSplitter', () => {
  test.each([1, 2, 3, 5, 7, 1000])('splits chunks of %d bytes into the same lines', (size) => {
    const splitter = new LineSplitter();
    const lines: Array<[string, number]> = [];
    for (let at = 0; at < text.length; at += size) {
      splitter.push(Buffer.from(text.slice(at, at + size)));
      for (let line = splitter.next(); line; line = splitter.next()) lines.push([line.content.toString(), line.bytes]);
    }
    expect(lines).toEqual([
      ['one', 4],
      ['two', 5],
      ['', 1],
      ['longer than a chunk', 21],
    ]);
    expect(splitter.unfinishedBytes).toBe(4);
    expect(splitter.unfinished()).toMatchObject({ content: Buffer.from('last'), bytes: 4 });
  });

  test('keeps a carriage return within a line', () => {
    const splitter = new LineSplitter();
    splitter.push(Buffer.from('a\rb\r\r\n'));
    expect(splitter.next()).toMatchObject({ content: Buffer.from('a\rb\r'), bytes: 6 });
  });

  test('counts half a line end as part of the unfinished line, and not to its content', () => {
    const splitter = new LineSplitter();
    splitter.push(Buffer.from('a\r'));
    expect(splitter.unfinished()).toMatchObject({ content: Buffer.from('a'), bytes: 2 });
    splitter.push(Buffer.from('\n'));
    expect(splitter.next()).toMatchObject({ content: Buffer.from('a'), bytes: 3 });
  });
});
