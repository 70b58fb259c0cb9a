import { expect, test } from 'vitest';
import { differenceOf } from './shown-output.js';

const agree = (shown: string, printed: string): boolean => differenceOf(shown, printed) === undefined;

test('what is printed is what is shown, line by line', () => {
  expect(agree('one\ntwo\n', 'one\ntwo\n')).toBe(true);
  expect(agree('one\n', 'one  \n')).toBe(true);
  expect(agree('one\n', 'one\ntwo\n')).toBe(false);
  expect(agree('one\ntwo\n', 'one\n')).toBe(false);
  expect(agree('one\ntwo\n', 'two\none\n')).toBe(false);
  expect(agree('one\n', ' one\n')).toBe(false);
  expect(agree('\n', '')).toBe(false);
});

test('an ellipsis in a line is anything within it, and nothing else is a pattern', () => {
  expect(agree('at …: done, … documents\n', 'at 12:30:00: done, 4 documents\n')).toBe(true);
  expect(agree('at …: done\n', 'at 12:30:00: failed\n')).toBe(false);
  expect(agree('at …\n', 'at\n12:30:00\n')).toBe(false);
  expect(agree('a.c (1)\n', 'abc (1)\n')).toBe(false);
  expect(agree('a.c (1) [x] $5\n', 'a.c (1) [x] $5\n')).toBe(true);
});

test('an ellipsis alone in a line is any number of lines', () => {
  expect(agree('…\n', '')).toBe(true);
  expect(agree('one\n…\n', 'one\n')).toBe(true);
  expect(agree('one\n…\nfour\n', 'one\ntwo\nthree\nfour\n')).toBe(true);
  expect(agree('…\ntwo\n…\n', 'one\ntwo\ntwo\nthree\n')).toBe(true);
  expect(agree('…\ntwo\nthree\n', 'two\nfour\ntwo\nthree\n')).toBe(true);
  expect(agree('…\ntwo\n', 'two\nthree\n')).toBe(false);
  expect(agree('one\n…\ntwo\n…\nthree\n', 'one\nthree\ntwo\n')).toBe(false);
});

test('the first line that differs is named', () => {
  expect(differenceOf('one\ntwo\nthree\n', 'one\n2\nthree\n')).toBe('the page shows\n  two\nand it printed\n  2');
  expect(differenceOf('one\ntwo\n', 'one\n')).toBe('the page shows\n  two\nand it printed\n  nothing more');
  expect(differenceOf('one\n', 'one\ntwo\n')).toBe('the page shows\n  nothing more\nand it printed\n  two');
  expect(differenceOf('…\ntwo\nthree\n', 'one\ntwo\nfour\n')).toBe('the page shows\n  three\nand it printed\n  four');
});
