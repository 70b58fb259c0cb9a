import { describe, expect, it } from 'vitest';
import { compileTemplate } from './compile-template.js';
import { isTemplateError, type TemplateIssue } from './template-error.js';
import { windowShape } from './window-shape.js';

const variables = {
  ...windowShape,
  headers: { fields: { Authorization: 'string', len: 'string' } },
  len: 'number',
} as const;

function issuesOf(source: string): readonly TemplateIssue[] {
  try {
    compileTemplate(source, variables);
  } catch (error) {
    if (isTemplateError(error)) return error.issues;
    throw error;
  }
  return [];
}

describe('compileTemplate', () => {
  it.each([
    ['{{run_idd}}', 'There is no variable "run_idd" here (did you mean "run_id"?).'],
    ['{{runId}}', 'There is no variable "runId" here (did you mean "run_id"?).'],
    ['{{headers.Authorisation}}', '"headers" has no "Authorisation" (did you mean "Authorization"?).'],
    ['{{#each collection_names}}{{@indx}}{{/each}}', 'There is no "@indx" (did you mean "@index"?)'],
    ['{{rows}}', 'There is no variable "rows" here. Known: '],
  ])('names the near variable of %s, or else those that are known', (source, message) => {
    expect(issuesOf(source).map((issue) => issue.message)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['{{run_id}', 'An expression ends with "}}"'],
    ['{{#if docs_total > 5}}{{/if}}', 'There is no operator ">" in templates: write (gt a b)'],
    ['{{#if (docs_total == 5)}}{{/if}}', 'There is no operator "="'],
  ])('says what to write instead of %s', (source, message) => {
    expect(issuesOf(source).map((issue) => issue.message)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    '{{run_idd}}',
    '{{#if run_idd}}{{/if}}',
    '{{#unless run_idd}}{{/unless}}',
    '{{#each run_idd}}{{/each}}',
    '{{#with run_idd}}{{/with}}',
    '{{json run_idd}}',
    '{{#if (not run_idd)}}{{/if}}',
    '{{lookup headers "run_idd"}}',
    '{{lookup run_idd 0}}',
    '{{#if run_id includeZero=run_idd}}{{/if}}',
    '{{#if run_id}}{{run_idd}}{{/if}}',
    '{{#if run_id}}{{else}}{{run_idd}}{{/if}}',
    '{{#if run_id}}{{else if run_idd}}{{/if}}',
    '{{#each collection_names}}{{../run_idd}}{{/each}}',
    '{{#each collection_names}}{{else}}{{this.run_idd}}{{/each}}',
    '{{@root.run_idd}}',
    '{{this.run_idd}}',
    '{{headers.run_idd}}',
    '{{run_id.length}}',
    '{{collection_names.length}}',
    '{{constructor}}',
    '{{__proto__}}',
    '{{headers.toString}}',
    '{{@index}}',
    '{{#each collection_names}}{{@../index}}{{/each}}',
    '{{../run_id}}',
    '{{{run_idd}}}',
  ])('finds the unknown variable in %s', (source) => {
    expect(issuesOf(source).map(({ code }) => code)).toEqual(['TEMPLATE_UNKNOWN_VARIABLE']);
  });

  it.each([
    ['{{> card}}', 'Partials'],
    ['{{#> card}}{{/card}}', 'Partials'],
    ['{{* decorate}}', 'Decorators'],
    ['{{#*inline "a"}}{{/inline}}', 'Decorators'],
    ['{{{{if run_id}}}}x{{{{/if}}}}', 'Raw blocks'],
    ['{{shout run_id}}', 'no helper "shout". Known: #each'],
    ['{{jsn run_id}}', 'no helper "jsn" (did you mean "json"?).'],
    ['{{#eech collection_names}}{{/eech}}', 'no block "eech" (did you mean "each"?).'],
    ['{{log run_id}}', 'no helper "log"'],
    ['{{#if (shout run_id)}}{{/if}}', 'no helper "shout"'],
    ['{{#collection_names}}{{this}}{{/collection_names}}', '{{#each collection_names}}'],
    ['{{^run_id}}{{/run_id}}', '{{#if run_id}}'],
    ['{{#eq run_id "a"}}{{/eq}}', '{{#if (eq a b)}}'],
    ['{{#json run_id}}{{/json}}', '{{#if (json x)}}'],
    ['{{if run_id}}', '{{#if x}}'],
    ['{{each}}', '{{#each x}}'],
    ['{{eq run_id}}', 'takes 2 arguments, not 1'],
    ['{{and run_id}}', 'takes at least 2 arguments, not 1'],
    ['{{json}}', 'takes 1 arguments, not 0'],
    ['{{#if}}{{/if}}', 'takes one argument, not 0'],
    ['{{#if eq run_id "a"}}{{/if}}', 'takes one argument, not 3'],
    ['{{#if len}}{{/if}}', 'this.len'],
    ['{{#each run_id}}{{/each}}', '{{#each}} goes through'],
    ['{{#each collection_names sort=true}}{{/each}}', 'no named argument "sort"'],
    ['{{json run_id indent=2}}', 'no named argument "indent"'],
    ['{{#each collection_names as |a b c|}}{{/each}}', 'gives 2 values'],
    ['{{#each collection_names as |len|}}{{/each}}', 'name of a helper'],
    ['{{headers}}', 'is an object'],
    ['{{this}}', 'is an object'],
    ['{{"run_id"}}', 'literal'],
    ['{{eq run_id undefined}}', 'write null'],
  ])('says what to write instead of %s', (source, hint) => {
    const messages = issuesOf(source).filter(({ code }) => code === 'TEMPLATE_UNSUPPORTED');
    expect(messages.map(({ message }) => message)).toContainEqual(expect.stringContaining(hint));
  });

  it('lists every problem with its place, in the order of the template', () => {
    const issues = issuesOf('{"a":"{{nope}}",\n "b":"{{shout 1}}{{#if run_id}}{{../gone}}{{/if}}"}');
    expect(issues.map(({ line, column }) => [line, column])).toEqual([
      [1, 9],
      [2, 7],
      [2, 34],
    ]);
    expect(issues[0]?.message).toContain('collection_names');
  });

  it('points to the root for a variable that an element does not have', () => {
    expect(issuesOf('{{#each collection_names}}{{run_id}}{{/each}}')[0]?.message).toContain('@root.run_id');
  });

  it.each([
    ['{{#if run_id}}\n x', 2, 3, 'ends inside a block'],
    ['a\n{{', 2, 3, 'ends inside'],
    ['{{#if run_id}}\n {{/unless}}', 1, 4, 'write {{/if}}'],
    ['0123456789012345678901234 {{ % }}', 1, 30, 'from here on'],
    ['a\nb {{/if}}', 2, 3, 'not open'],
    ['{{{run_id}}', 1, 10, 'did not expect'],
    ['{{else}}', 1, 1, 'outside a block'],
    ['{{a/this/b}}', 1, 3, 'Invalid path'],
  ])('names line and column of the syntax error in %j', (source, line, column, hint) => {
    expect(issuesOf(source)).toEqual([
      { code: 'TEMPLATE_SYNTAX', line, column, message: expect.stringContaining(hint) },
    ]);
    expect(issuesOf(source)[0]?.message).not.toContain('\n');
  });

  it.each([
    ['blocks', `${'{{#if run_id}}'.repeat(500)}${'{{/if}}'.repeat(500)}`],
    ['subexpressions', `{{json ${'(not '.repeat(500)}run_id${')'.repeat(500)}}}`],
    ['else-if chains', `{{#if run_id}}${'{{else if run_id}}'.repeat(500)}{{/if}}`],
  ])('refuses %s nested too deeply', (_, source) => {
    expect(issuesOf(source)).toEqual([
      expect.objectContaining({ code: 'TEMPLATE_SYNTAX', message: expect.stringContaining('more than 100 deep') }),
    ]);
  });

  it('refuses a template that is too long', () => {
    expect(issuesOf(' '.repeat(100_001))[0]?.code).toBe('TEMPLATE_SYNTAX');
  });
});
