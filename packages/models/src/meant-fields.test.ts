import { describe, expect, it } from 'vitest';
import { meantFields, pointerAsWritten } from './meant-fields.js';

const known = ['url', 'payloadTemplate', 'timeout'];

describe('meantFields', () => {
  it('takes a misspelt field for the one that is meant', () => {
    const { fields, written } = meantFields({ ulr: 1, timeout: 2 }, known);
    expect(fields).toEqual({ url: 1, timeout: 2 });
    expect([...written]).toEqual([['url', 'ulr']]);
  });

  it('leaves a field that is there as it is', () => {
    expect(meantFields({ ulr: 1, url: 2 }, known).fields).toEqual({ ulr: 1, url: 2 });
  });

  it('takes one of two for it', () => {
    expect(meantFields({ ulr: 1, uri: 2 }, known).fields).toEqual({ url: 1, uri: 2 });
  });

  it('leaves a name that is not misspelt, but other words', () => {
    expect(meantFields({ timeoutSecs: 30, template: 'x' }, known).fields).toEqual({ timeoutSecs: 30, template: 'x' });
  });

  it('keeps a field that is called as a prototype is', () => {
    const { fields } = meantFields(JSON.parse('{"__proto__": 1, "ulr": 2}'), known);
    expect(Object.entries(fields)).toEqual([
      ['__proto__', 1],
      ['url', 2],
    ]);
  });
});

describe('pointerAsWritten', () => {
  const written = new Map([['url', 'ulr']]);

  it.each([
    ['/url', '/ulr'],
    ['/url/a~1b/0', '/ulr/a~1b/0'],
    ['/timeout', '/timeout'],
    ['/headers/url', '/headers/url'],
    ['', ''],
  ])('of %j is %j', (pointer, expected) => {
    expect(pointerAsWritten(pointer, written)).toBe(expected);
  });
});
