import { describe, expect, it } from 'vitest';
import { compileTemplate } from './compile-template.js';
import type { TrialOptions } from './trial-options.js';
import { trialRender } from './trial-render.js';
import { windowShape } from './window-shape.js';

const variables = { ...windowShape, headers: { fields: { 'X-Number': 'string' } } } as const;

function trial(source: string, options?: TrialOptions) {
  return trialRender(compileTemplate(source, variables), options);
}

describe('trialRender', () => {
  it('has nothing to say about a template that escapes and separates', () => {
    const source =
      '{"n":{{docs_total}},"i":"{{connector_image}}","c":[{{#each collection_names}}"{{this}}"{{#unless @last}},{{/unless}}{{/each}}],"r":{{json resource_paths}},"h":"{{headers.X-Number}}"}';
    expect(trial(source)).toEqual([]);
    expect(trial(source, { collectionNames: ['a"b'], context: { headers: { 'X-Number': '"' } } })).toEqual([]);
  });

  it('tells a missing quote once, at its place in the template', () => {
    expect(trial('{\n  "run": {{run_id}}\n}')).toEqual([
      expect.objectContaining({ code: 'TEMPLATE_NOT_JSON', line: 2, column: 10 }),
    ]);
  });

  it('finds the missing comma that only several collections show', () => {
    const source = '{"c":[{{#each collection_names}}"{{this}}"{{/each}}]}';
    expect(trial(source, { collectionNames: ['a'] })).toEqual([]);
    expect(trial(source, { collectionNames: ['a', 'b', 'c'] })).toEqual([
      expect.objectContaining({ line: 1, column: 33, message: expect.stringContaining('with 3 collections') }),
    ]);
    expect(trial(source)[0]?.message).toContain('with 2 collections');
  });

  it('finds the second collection that a window may not have', () => {
    expect(trial('{"c":"{{collection_names.[1]}}"}', { collectionNames: ['a', 'b'] })).toEqual([
      expect.objectContaining({ code: 'TEMPLATE_RENDER', message: expect.stringContaining('with one collection') }),
    ]);
  });

  it('finds the time of publication that a window may lack', () => {
    const source = '{"at": {{#if flow_published_at_min}}"{{flow_published_at_min}}"{{/if}} }';
    expect(trial(source)[0]?.message).toContain('without an image');
  });

  it('finds a header that only its present value keeps JSON', () => {
    const context = { headers: { 'X-Number': '42' } };
    expect(trial('{"n": {{headers.X-Number}} }', { context })[0]?.message).toContain('in every string');
    expect(trial('{"n": {{json headers.X-Number}} }', { context })).toEqual([]);
  });

  it('finds what only 10,000 collections show, when their number is not known', () => {
    const source = '{"n": {{#if (gt (len collection_names) 5000)}}x{{else}}1{{/if}} }';
    expect(trial(source)[0]?.message).toContain('with 10000 collections');
    expect(trial(source, { collectionNames: ['a', 'b'] })).toEqual([]);
  });

  it('takes collections that are not known for many, never for none', () => {
    expect(trial('{"c":"{{collection_names.[0]}}"}', { collectionNames: [] })).toEqual([]);
  });

  it('finds text that a cut on the left has moved', () => {
    expect(trial('{"a":"{{run_id~}}\n\n  ", oops}')).toEqual([expect.objectContaining({ line: 3, column: 6 })]);
  });
});
