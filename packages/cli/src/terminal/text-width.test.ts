import { expect, test } from 'vitest';
import { fitEnd, fitStart, padEnd, textWidth, wrapWords } from './text-width.js';

test('counts columns, not characters', () => {
  expect(textWidth('weather')).toBe(7);
  expect(textWidth('天気')).toBe(4);
  expect(textWidth('e\u0301')).toBe(1);
  expect(textWidth('🌧x')).toBe(3);
});

test('leaves a text that fits', () => {
  expect(fitEnd('weather', 7)).toBe('weather');
  expect(fitStart('weather', 7)).toBe('weather');
});

test('cuts either end, never beyond the columns', () => {
  expect(fitEnd('weather', 5)).toBe('weat…');
  expect(fitStart('acmeCo/weather', 8)).toBe('…weather');
  expect(fitEnd('天気予報', 6)).toBe('天気…');
  expect(fitStart('天気予報', 6)).toBe('…予報');
  expect(fitEnd('weather', 1)).toBe('…');
});

test('pads by columns', () => {
  expect(padEnd('天気', 6)).toBe('天気  ');
  expect(padEnd('weather', 3)).toBe('weather');
});

test('breaks lines at spaces, and never inside of a word', () => {
  expect(wrapWords('the weather of today', 12, '  ')).toEqual(['the weather', '  of today']);
  expect(wrapWords('the weather', 11, '  ')).toEqual(['the weather']);
  expect(wrapWords('see /var/lib/weather/state.db now', 10, '  ')).toEqual([
    'see',
    '  /var/lib/weather/state.db',
    '  now',
  ]);
  expect(wrapWords('天気 予報', 6, '')).toEqual(['天気', '予報']);
});

test('keeps the indentation of a text, and an empty one', () => {
  expect(wrapWords('  at a at b', 8, '  ')).toEqual(['  at a', '  at b']);
  expect(wrapWords('', 8, '  ')).toEqual(['']);
});
