import { describe, expect, it } from 'vitest';
import { type CompiledTemplate, compileTemplate } from './compile-template.js';
import { isTemplateError } from './template-error.js';
import { TemplateTrial } from './template-trial.js';
import type { TrialOptions } from './trial-options.js';
import { trialRender } from './trial-render.js';
import { windowShape } from './window-shape.js';

const variables = { ...windowShape, headers: { fields: { 'X-Number': 'string' } } } as const;

function compile(source: string): CompiledTemplate {
  return compileTemplate(source, variables);
}

/** Counts how often it is rendered. */
function counted(template: CompiledTemplate): CompiledTemplate & { renders: number } {
  const counting = {
    ...template,
    renders: 0,
    trace(context: Readonly<Record<string, unknown>>) {
      counting.renders += 1;
      return template.trace(context);
    },
  };
  return counting;
}

/** Pieces that print, decide, go through lists and reach out of blocks; half of them break JSON for some values. */
const pieces = [
  '"{{run_id}}"',
  '{{run_id}}',
  '{{docs_total}}',
  '{{headers.X-Number}}',
  '"{{json headers.X-Number}}"',
  '{{json resource_paths}}',
  '[{{#each collection_names}}"{{this}}"{{#unless @last}},{{/unless}}{{/each}}]',
  '[{{#each resource_paths}}"{{../docs_total}}"{{/each}}]',
  '{{#if connector_image}}1{{/if}}',
  '{{#if (gt docs_total 1)}}2{{else}}"{{connector_image}}"{{/if}}',
  '{{#if (eq (len collection_names) 10000)}}oops{{else}}3{{/if}}',
  '{{#with headers}}"{{X-Number}}{{@root.run_id}}"{{/with}}',
  '{{#with this}}{{docs_total}}{{/with}}',
  '{{json (lookup this "bytes_total")}}',
  '"{{lookup collection_names 1}}"',
  '{{len (json @root)}}',
  '{{#each headers as |value name|}}"{{name}}{{value}}"{{/each}}',
  '"{{flow_published_at_min}}"',
];

const optionsToTry: TrialOptions[] = [
  {},
  { context: { headers: { 'X-Number': '42' } } },
  { collectionNames: ['a'], context: { headers: { 'X-Number': 'a' } } },
  { collectionNames: ['a"', 'b', 'c'] },
];

const templates = pieces.flatMap((piece) => pieces.map((other) => `{"a":${piece},"b":[${other} ]}`));

describe('TemplateTrial', () => {
  it('finds what rendering with every value, and each time anew, finds', () => {
    let faulty = 0;
    for (const source of templates) {
      const template = compile(source);
      const trial = new TemplateTrial(template);
      for (const options of [...optionsToTry, ...optionsToTry]) {
        // 10,000 names for each pair of pieces would take minutes.
        if (options.collectionNames === undefined && source.length % 32 !== 0) continue;
        const issues = trial.run(options);
        expect(issues, source).toEqual(trialRender({ ...template, variablesRead: undefined }, options));
        if (issues.length > 0) faulty += 1;
      }
    }
    expect(faulty).toBeGreaterThan(templates.length / 4);
  });

  it('finds of a template what depends on nothing else once for all who have it', () => {
    const template = counted(compile('{"c":{{json collection_names}},"h":"{{headers.X-Number}}"}'));
    const trial = new TemplateTrial(template);
    trial.run({ collectionNames: ['a'], context: { headers: { 'X-Number': '1' } } });
    expect(template.renders).toBe(1 + 6);
    trial.run({ collectionNames: ['b'], context: { headers: { 'X-Number': '2' } } });
    expect(template.renders).toBe(1 + 6 + 1);
  });

  it('renders what reads nothing of a trigger with 10,000 names once', () => {
    const template = counted(compile('{"c":{{json collection_names}}}'));
    const trial = new TemplateTrial(template);
    trial.run({ context: { headers: { 'X-Number': '1' } } });
    const { renders } = template;
    trial.run({ context: { headers: { 'X-Number': '2' } } });
    expect([renders, template.renders]).toEqual([3 + 2 * 6, renders]);
  });

  it('keeps no issue of one trigger for the next', () => {
    const trial = new TemplateTrial(compile('{"n":{{#if (eq headers.X-Number "1")}}oops{{else}}2{{/if}}}'));
    const tryWith = (value: string) => trial.run({ context: { headers: { 'X-Number': value } } }).length;
    expect([tryWith('2'), tryWith('1'), tryWith('2')]).toEqual([0, 1, 0]);
  });
});

describe('variablesRead', () => {
  it.each<[string, string[] | undefined]>([
    ['{}', []],
    ['{{#if (gt docs_total 1)}}{{run_id}}{{else}}{{bytes_total}}{{/if}}', ['docs_total', 'run_id', 'bytes_total']],
    [
      '{{#each collection_names as |name|}}{{name}}{{this}}{{@index}}{{../run_id}}{{/each}}',
      ['collection_names', 'run_id'],
    ],
    [
      '{{#each resource_paths}}{{#each this}}{{../../docs_total}}{{@root.bytes_total}}{{/each}}{{else}}{{run_id}}{{/each}}',
      ['resource_paths', 'docs_total', 'bytes_total', 'run_id'],
    ],
    ['{{#with headers}}{{X-Number}}{{json ..}}{{/with}}', undefined],
    ['{{json this}}', undefined],
    ['{{json @root}}', undefined],
    ['{{json (lookup @root "run_id")}}', undefined],
    ['{{#if docs_total includeZero=bytes_total}}{{/if}}', ['docs_total', 'bytes_total']],
  ])('of %s is %j', (source, expected) => {
    const read = compile(source).variablesRead;
    expect(read && [...read].sort()).toEqual(expected?.sort());
  });

  it('is all that a render needs', () => {
    const values = {
      materialization_name: 'm',
      connector_image: '',
      collection_names: ['a', 'b'],
      resource_paths: [['a'], ['b']],
      flow_published_at_min: '',
      flow_published_at_max: '',
      run_id: 'r',
      docs_total: 2,
      bytes_total: 3,
      headers: { 'X-Number': '1' },
    };
    for (const source of templates) {
      const template = compile(source);
      const read = Object.entries(values).filter(([name]) => template.variablesRead?.has(name) !== false);
      expect(outcome(template, Object.fromEntries(read)), source).toEqual(outcome(template, values));
    }
  });
});

function outcome(template: CompiledTemplate, context: Readonly<Record<string, unknown>>): string {
  try {
    return template.render(context);
  } catch (error) {
    if (isTemplateError(error)) return error.message;
    throw error;
  }
}
