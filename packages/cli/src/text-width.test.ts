import { expect, test } from 'vitest';
import { fitEnd, fitStart, padEnd, textWidth } from './text-width.js';

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
