import { expect, test } from 'vitest';
import { counted, localTime, oneLine, safeLines, span } from './readable-text.js';

test('counts in thousands, and knows one from several', () => {
  expect(counted(1, 'document')).toBe('1 document');
  expect(counted(0, 'document')).toBe('0 documents');
  expect(counted(999, 'document')).toBe('999 documents');
  expect(counted(1_000, 'document')).toBe('1,000 documents');
  expect(counted(1_234_567, 'document')).toBe('1,234,567 documents');
  expect(counted(2, 'delivery', 'deliveries')).toBe('2 deliveries');
});

test('says spans in whole seconds, never less than what is left', () => {
  expect(span(250_000)).toBe('4 m 10 s');
  expect(span(3_200)).toBe('4 s');
  expect(span(1)).toBe('1 s');
  expect(span(0)).toBe('0 s');
  expect(span(-5)).toBe('0 s');
  expect(span(90_061_000)).toBe('1 d 1 h 1 m 1 s');
});

test('says local times, with the date when it is another day', () => {
  const noon = new Date(2024, 5, 15, 12, 30, 5).getTime();
  expect(localTime(noon, noon)).toBe('12:30:05');
  const nextMorning = new Date(2024, 5, 16, 0, 5, 0).getTime();
  expect(localTime(nextMorning, noon)).toBe('2024-06-16 00:05:00');
});

test('lets no text of others break a line or move the cursor', () => {
  expect(oneLine('HTTP 503:\r\n\u001B[2Jbusy\u0007\n')).toBe('HTTP 503: [2Jbusy');
  expect(safeLines('Error: \u001B[2Jone\n    at two')).toBe('Error:  [2Jone\n    at two');
});
