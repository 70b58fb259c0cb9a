import { defineTriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { isTemplateError } from '@aftercommit/templating';
import Type from 'typebox';
import { expect, it } from 'vitest';
import { compileTriggers } from './compile-triggers.js';
import { SharedTemplates, sharedTemplates } from './shared-templates.js';

const post = defineTriggerKind({
  contractVersion: 1,
  kind: 'post',
  configSchema: Type.Object({ headers: Type.Record(Type.String(), Type.String({ secret: true })) }),
  describeTarget: () => 'post:',
  templateContext: ({ headers }) => ({ headers }),
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});

const source = '{"run":"{{run_id}}"}';

it('a template is compiled once for all that have it', () => {
  const templates = new SharedTemplates();
  expect(templates.compile(source, {})).toBe(templates.compile(source, {}));
  expect(templates.compile(source, {})).not.toBe(templates.compile(`${source} `, {}));
});

it('a template is another one where other variables are known', () => {
  const templates = new SharedTemplates();
  const own = { headers: { fields: { 'X-Team': 'string' } } } as const;
  const withTeam = '{"team":"{{headers.X-Team}}"}';
  expect(templates.compile(withTeam, own).template.source).toBe(withTeam);
  expect(() => templates.compile(withTeam, {})).toThrow('headers');
  expect(templates.compile(source, own)).not.toBe(templates.compile(source, {}));
});

it('a template that cannot be compiled is refused each time', () => {
  const templates = new SharedTemplates();
  for (let time = 0; time < 2; time += 1) {
    expect(() => templates.compile('{{nobody}}', {})).toThrow(expect.toSatisfy(isTemplateError));
  }
});

it('templates hang on a registry, and two of them share none', () => {
  const [one, other] = [new TriggerKindRegistry([post]), new TriggerKindRegistry([post])];
  expect(sharedTemplates(one)).toBe(sharedTemplates(one));
  expect(sharedTemplates(one)).not.toBe(sharedTemplates(other));
});

it('triggers that share a template print their own values', () => {
  const registry = new TriggerKindRegistry([post]);
  const payloadTemplate = '{"key":"{{headers.X-Key}}","run":"{{run_id}}"}';
  const renderFor = (key: string): string | undefined => {
    const config = [{ kind: 'post', payloadTemplate, headers: { 'X-Key': key } }];
    const [trigger] = compileTriggers({ config }, registry, { collectionNames: ['acme/orders'] });
    return trigger?.render({
      materialization_name: 'acme/orders',
      connector_image: '',
      collection_names: ['acme/orders'],
      resource_paths: [['orders']],
      flow_published_at_min: '',
      flow_published_at_max: '',
      run_id: 'now',
      docs_total: 1,
      bytes_total: 1,
    });
  };
  expect([renderFor('a'), renderFor('b')]).toEqual(['{"key":"a","run":"now"}', '{"key":"b","run":"now"}']);
});
