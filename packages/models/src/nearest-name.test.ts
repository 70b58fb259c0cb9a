import { describe, expect, it } from 'vitest';
import { misspeltName, nearestName } from './nearest-name.js';

const known = ['payloadTemplate', 'timeout', 'maxAttempts', 'url', 'to'];

describe('nearestName', () => {
  it.each([
    ['payload_template', 'payloadTemplate'],
    ['payloadtemplate', 'payloadTemplate'],
    ['timout', 'timeout'],
    ['URL', 'url'],
    ['uri', 'url'],
    ['max_attempts', 'maxAttempts'],
  ])('takes %j for a slip of %j', (name, nearest) => {
    expect(nearestName(name, known)).toBe(` (did you mean "${nearest}"?)`);
  });

  it.each([
    ['timeoutSecs', 'timeout'],
    ['timeout_seconds', 'timeout'],
    ['template', 'payloadTemplate'],
    ['maxRetries', 'maxAttempts'],
    ['secretUrl', 'url'],
    ['retries', 'maxAttempts'],
    ['body', 'payloadTemplate'],
  ])('takes %j for other words for %j', (name, nearest) => {
    expect(nearestName(name, known)).toBe(` (did you mean "${nearest}"?)`);
    expect(misspeltName(name, known)).toBeUndefined();
  });

  it('finds the last words of a name', () => {
    expect(nearestName('weather', ['acmeCo/orders', 'acmeCo/weather'])).toBe(' (did you mean "acmeCo/weather"?)');
    expect(nearestName('github', ['airflow', 'github-dispatch'])).toBe(' (did you mean "github-dispatch"?)');
  });

  it('takes a part of a word for nothing', () => {
    expect(nearestName('time', known)).toBe('');
    expect(nearestName('-', known)).toBe('');
  });

  it.each(['', 'headers', 'x', 'constructor'])('suggests nothing for %j', (name) => {
    expect(nearestName(name, known)).toBe('');
  });

  it('takes the nearest of several, and of equally near ones the first', () => {
    expect(nearestName('header', ['reader', 'headers', 'headers2'])).toBe(' (did you mean "reader"?)');
    expect(nearestName('headrs', ['reader', 'headers'])).toBe(' (did you mean "headers"?)');
  });

  it('suggests nothing when nothing is known', () => {
    expect(nearestName('url', [])).toBe('');
  });
});

describe('misspeltName', () => {
  it('is the name itself', () => {
    expect(misspeltName('timout', known)).toBe('timeout');
    expect(misspeltName('headers', known)).toBeUndefined();
  });

  it('counts letters that changed places as one', () => {
    expect(misspeltName('ulr', ['url'])).toBe('url');
    expect(misspeltName('lru', ['url'])).toBe('url');
    expect(misspeltName('ulrs', ['url'])).toBeUndefined();
  });
});
