import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from './compile-template.js';
import { renderPayload } from './render-payload.js';
import { isTemplateError } from './template-error.js';
import { shapeOf, type TemplateVariables } from './template-shape.js';

const context = {
  name: 'orders',
  tricky: 'a"b\\c\n\u2028</script>',
  names: ['x', 'y'],
  others: ['x', 'z'],
  nested: [['a'], ['b', 'c']],
  headers: { Authorization: 'Bearer s', len: '7' },
  zero: 0,
  count: 12,
  yes: true,
  nothing: null,
  empty: {},
  none: [],
  blank: '',
  len: 3,
};
const variables: TemplateVariables = Object.fromEntries(
  Object.entries(context).map(([name, value]) => [name, shapeOf(value)]),
);

function render(source: string): string {
  return compileTemplate(source, variables).render(context);
}

describe('rendering', () => {
  it.each([
    ['{{name}} {{{name}}} {{&name}}', 'orders orders orders'],
    ['{{tricky}}', 'a\\"b\\\\c\\n\u2028</script>'],
    ['{{{tricky}}}', 'a\\"b\\\\c\\n\u2028</script>'],
    ['{{count}} {{yes}} {{nothing}}', '12 true null'],
    ['{{names}} | {{nested}} | {{none}}', 'x, y | a, b, c | '],
    ['{{json tricky}}', JSON.stringify(context.tricky)],
    ['{{{json headers}}}', '{"Authorization":"Bearer s","len":"7"}'],
    ['{{len (json name)}}', '8'],
    ['{{this.len}} {{headers.len}} {{headers.[len]}} {{len names}}', '3 7 7 2'],
    ['{{lookup names 1}} {{lookup headers "len"}} {{names.[0]}}', 'y 7 x'],
    ['\\{{name}}', '{{name}}'],
    ['a {{~name~}} b{{! gone }}{{!-- }} --}}', 'aordersb'],
  ])('prints %s as %j', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it.each([
    ['{{#each names}}{{@index}}{{this}}{{@first}}{{@last}}{{@key}};{{/each}}', '0xtruefalse0;1yfalsetrue1;'],
    ['{{#each headers as |value key|}}{{key}}={{value}};{{/each}}', 'Authorization=Bearer s;len=7;'],
    ['{{#each names as |n i|}}{{i}}{{n}}{{../name}}{{/each}}', '0xorders1yorders'],
    ['{{#each names}}{{#if @first}}{{../name}}{{/if}}{{/each}}', 'orders'],
    ['{{#each names}}{{#each ../others}}{{@../index}}{{../this}}{{this}} {{/each}}{{/each}}', '0xx 0xz 1yx 1yz '],
    ['{{#with headers}}{{Authorization}}{{@root.name}}{{else}}no{{/with}}', 'Bearer sorders'],
    ['{{#with empty}}yes{{else}}no{{/with}}', 'no'],
    ['{{#with name as |n|}}{{n}}{{.}}{{/with}}', 'ordersorders'],
    ['{{#each none}}x{{else}}{{name}}{{/each}}', 'orders'],
    ['{{#if zero}}a{{else if empty}}b{{else if blank}}c{{else if none}}d{{else if nothing}}e{{else}}f{{/if}}', 'f'],
    ['{{#if zero includeZero=true}}a{{/if}}{{#unless zero includeZero=true}}b{{/unless}}', 'a'],
    ['{{^if name}}a{{else}}b{{/if}}{{#unless blank}}c{{/unless}}', 'bc'],
    ['{{#if name}}{{^}}x{{/if}}', ''],
  ])('renders the block %s as %j', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it.each([
    ['(eq 5 "5")', false],
    ['(eq names others)', false],
    ['(eq nested nested)', true],
    ['(eq nothing null)', true],
    ['(ne count 12)', false],
    ['(gt count 2)', true],
    ['(gt "12" 2)', true],
    ['(lt 2 "12")', true],
    ['(gt "12" "2")', false],
    ['(lt "\uE000" "😀")', true],
    ['(lt "a" "ab")', true],
    ['(gte count 12)', true],
    ['(lte true false)', false],
    ['(lt false true)', true],
    ['(gte names names)', false],
    ['(lte "x" 1)', false],
    ['(gt " 5" 1)', false],
    ['(gte nothing nothing)', false],
    ['(and name count yes)', true],
    ['(and name zero)', false],
    ['(or blank none empty)', false],
    ['(or blank name)', true],
    ['(not empty)', true],
    ['(eq (len "é😀") 6)', true],
    ['(eq (len headers) 2)', true],
    ['(eq (len yes) 0)', true],
  ])('finds %s to be %s', (expression, expected) => {
    expect(render(`{{#if ${expression}}}true{{else}}false{{/if}}`)).toBe(String(expected));
    expect(render(`{{${expression.slice(1, -1)}}}`)).toBe(String(expected));
  });

  it.each([
    ['{{names.[7]}}', 'names'],
    ['{{#if names.[7]}}{{/if}}', 'names'],
    ['{{json (lookup names 7)}}', 'lookup names'],
    ['{{lookup headers name}}', 'lookup headers'],
    ['{{lookup names "length"}}', 'lookup names'],
    ['{{gone}}', 'gone'],
    ['{{free}}', 'free'],
    ['{{free.deep.er}}', 'free.deep.er'],
    ['{{free.toString}}', 'free.toString'],
    ['{{free.__proto__}}', 'free.__proto__'],
    ['{{#each free.text}}{{/each}}', 'free.text'],
  ])('reports %s with its place and without any value', (source, subject) => {
    const shape = { ...variables, gone: 'string', free: 'any' } as const;
    const late = () => {
      // A literal key of "length" is refused when compiled; here only what compiles is rendered.
      const template = compileTemplate(`{{name}}\n${source}`, { ...shape, names: 'any' });
      template.render({ ...context, free: { text: 'secret-value' } });
    };
    expect(late).toThrow(expect.toSatisfy(isTemplateError));
    expect(late).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_RENDER', issues: [expect.objectContaining({ line: 2 })] }),
    );
    expect(late).toThrow(subject);
    expect(late).not.toThrow(/secret-value|orders|Bearer/);
  });

  it('stops a template whose loops never seem to end', () => {
    const source = `${'{{#each names}}'.repeat(24)}${'{{/each}}'.repeat(24)}`.replaceAll('names', '@root.names');
    expect(() => render(source)).toThrow('too many steps');
  });

  it('stops a payload that grows without bound', () => {
    const template = compileTemplate('{{#each names}}{{json @root.names}}{{/each}}', { names: { array: 'string' } });
    const names = Array.from({ length: 10_000 }, (_, index) => `example/collection-${index}`);
    expect(() => template.render({ names })).toThrow('grows beyond');
  });

  it('renders the shared example to the values it parses to', () => {
    const example = JSON.parse(readFileSync(new URL('../fixtures/render.json', import.meta.url), 'utf8'));
    const values = { ...example.variables, headers: example.headers };
    const shapes = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shapeOf(value)]));
    expect(JSON.parse(renderPayload(compileTemplate(example.template, shapes), values))).toEqual(example.parsesTo);
  });

  it('brings every string through a payload unchanged', () => {
    const template = compileTemplate(
      '{"a":"{{x}}","b":[{{#each names}}"{{this}}"{{#unless @last}},{{/unless}}{{/each}}],"c":{{json names}} }',
      { x: 'string', names: { array: 'string' } },
    );
    const next = seededRandom(20_240_615);
    for (let round = 0; round < 500; round += 1) {
      const x = hostileString(next);
      const names = Array.from({ length: next(4) }, () => hostileString(next));
      expect(JSON.parse(renderPayload(template, { x, names }))).toEqual({ a: x, b: names, c: names });
    }
  });
});

function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function hostileString(next: (below: number) => number): string {
  const pieces = ['"', '\\', '\n', '\u2028', '</script>', '__proto__', '{{x}}', '\uD800', '\0', '😀', ', ', '$&'];
  return Array.from(
    { length: next(6) },
    () => pieces[next(pieces.length + 4)] ?? String.fromCharCode(next(65_536)),
  ).join('');
}
