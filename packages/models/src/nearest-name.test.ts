import { describe, expect, it } from 'vitest';
import { nearestKnown, nearestName } from './nearest-name.js';

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

describe('nearestKnown', () => {
  it('is the name itself', () => {
    expect(nearestKnown('timout', known)).toBe('timeout');
    expect(nearestKnown('headers', known)).toBeUndefined();
  });
});
