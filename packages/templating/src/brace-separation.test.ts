import { expect, test } from 'vitest';
import { separateBraces } from './brace-separation.js';
import { compileTemplate } from './compile-template.js';
import { isTemplateError, type TemplateIssue } from './template-error.js';
import type { TemplateVariables } from './template-shape.js';

const variables: TemplateVariables = {
  n: 'number',
  names: { array: 'string' },
  odd: { fields: { 'a}}}b': 'string' } },
};
const context = { n: 7, names: ['a', 'b'], odd: { 'a}}}b': 'x' } };

test.each([
  ['{"a":{{n}}}', '{"a":7}'],
  ['{"a":{"b":{{n}}}}', '{"a":{"b":7}}'],
  ['{"a":{{{n}}}}', '{"a":7}'],
  ['{"a":{{json names}}}', '{"a":["a","b"]}'],
  ['{"a":[{{#each names}}{"b":{{@index}}}{{#unless @last}},{{/unless}}{{/each}}]}', '{"a":[{"b":0},{"b":1}]}'],
  ['{{#if n}}{"a":1{{else}}{"a":2{{/if}}}', '{"a":1}'],
  ['{"a":{{n}}{{!-- {{n}}} --}}}', '{"a":7}'],
  ['{"a":"{{lookup odd "a}}}b"}}"}', '{"a":"x"}'],
  ['{"a":"{{odd.[a}}}b]}}"}', '{"a":"x"}'],
  ['\\{{n}}}', '{{n}}}'],
])('%s renders as it reads', (source, payload) => {
  expect(compileTemplate(source, variables).render(context)).toBe(payload);
});

test('a place behind separated braces is the place in the template', () => {
  const source = '{"a":{{n}}},\n{"b":{{n}}},{"c":{{n}}},{"d":{{unknown}}}';
  const issues = issuesOf(() => compileTemplate(source, variables));
  expect(issues).toMatchObject([{ line: 2, column: 32 }]);
});

test('a syntax error behind separated braces is found at its place', () => {
  const issues = issuesOf(() => compileTemplate('{"a":{{n}}},{"b":{{n}}}{{/each}}', variables));
  expect(issues).toMatchObject([{ code: 'TEMPLATE_SYNTAX', line: 1, column: 24 }]);
});

test('a text without such braces is left as it is', () => {
  const source = '{{{n}}} {{n}} } {{{{raw}}}} {{! }}} {{!-- --}} {"x": {}}}';
  expect(separateBraces(source).text).toBe(source);
});

function issuesOf(action: () => unknown): readonly TemplateIssue[] {
  try {
    action();
  } catch (error) {
    if (isTemplateError(error)) return error.issues;
    throw error;
  }
  return [];
}
