import { describe, expect, it } from 'vitest';
import { checkJson } from './check-json.js';

const sample = '{"a": [1, -2.5e+3, true, null, "x\\u00e9\\n"],\r\n\t"b": {}, "c": [[], ""]}';

describe('checkJson', () => {
  it.each([
    ['{"a": 1,}', 1, 9],
    ['{"a":\n  secret}', 2, 3],
    ['{"a": "x', 1, 9],
    ['', 1, 1],
    ['{} {}', 1, 4],
    ['["a\nb"]', 1, 4],
    ['["\\x"]', 1, 3],
    ['[01]', 1, 3],
    ['{"a" 1}', 1, 6],
    ['[1 2]', 1, 4],
    ['{1: 2}', 1, 2],
    ['[1}', 1, 3],
  ])('finds where %j stops being JSON and quotes nothing of it', (payload, line, column) => {
    const issue = checkJson(payload);
    expect(issue).toMatchObject({ code: 'TEMPLATE_NOT_JSON', line, column });
    expect(issue?.message).not.toContain('secret');
  });

  it('agrees with JSON.parse on every payload with one character replaced or removed', () => {
    expect(checkJson(sample)).toBeUndefined();
    for (let offset = 0; offset < sample.length; offset += 1) {
      for (const character of ['', '"', '\\', '{', ']', '}', ',', ':', '0', '.', '-', 'e', ' ', '\n', '\u00a0']) {
        const payload = sample.slice(0, offset) + character + sample.slice(offset + 1);
        expect([payload, checkJson(payload) === undefined]).toEqual([payload, parses(payload)]);
      }
    }
  });

  it('takes any depth', () => {
    expect(checkJson('['.repeat(200_000) + ']'.repeat(200_000))).toBeUndefined();
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
