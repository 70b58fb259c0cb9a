import type { JsonObject, TriggerConfig } from '@aftercommit/models';
import { egressGuard, type TriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { scriptedKind } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { triggerConfig, windowOf } from '../test/delivery-bench.js';
import { checkTriggers, compileTriggers } from './compile-triggers.js';
import { isTriggersConfigError } from './triggers-config-error.js';

function registryWith(templateContext?: () => JsonObject): TriggerKindRegistry {
  return new TriggerKindRegistry([{ ...scriptedKind(), ...(templateContext && { templateContext }) }]);
}

function check(config: TriggerConfig[], templateContext?: () => JsonObject): ReturnType<typeof checkTriggers> {
  return checkTriggers({ config }, registryWith(templateContext));
}

describe('checking triggers', () => {
  it('makes those that are free of errors ready to run', () => {
    const { triggers, issues } = check(triggerConfig('a', { name: 'one', token: 's3cret', interval: '1h' }));
    expect(issues).toEqual([]);
    expect(triggers).toMatchObject([
      { name: 'one', target: 'scripted://a', secrets: ['s3cret'], intervalMs: 3_600_000, identity: { name: 'one' } },
    ]);
    expect(triggers[0]?.render(windowOf(3))).toBe('{"run":"2024-01-01T00:00:03.000000Z","docs":3 }');
  });

  it('keeps of a secret URL what comes behind the target out of all texts, and not the target', () => {
    const { triggers } = check(triggerConfig('a', { token: 'scripted://a/s3cret' }));
    expect(triggers).toMatchObject([{ target: 'scripted://a', secrets: expect.arrayContaining(['/s3cret']) }]);
    expect(triggers[0]?.secrets).not.toContain('scripted://a/s3cret');
  });

  it('collects every issue, with its place and the name of its trigger', () => {
    const { triggers, issues } = check([
      ...triggerConfig('a', { payloadTemplate: '{"x":{{unknown}} }' }),
      ...triggerConfig('b', { name: 'two', payloadTemplate: '{"x":{{run_id}} }' }),
      ...triggerConfig('c', { timeout: 'soon' }),
      ...triggerConfig('d', { name: 'four' }),
    ]);
    expect(
      issues.map(({ pointer, code, trigger = '' }) => [pointer, code, trigger.replace(/[0-9a-f]{8}$/, '#')]),
    ).toEqual([
      ['/config/2/timeout', 'CONFIG_DURATION_INVALID', ''],
      ['/config/0/payloadTemplate', 'CONFIG_TEMPLATE_INVALID', 'scripted-a-#'],
      ['/config/1/payloadTemplate', 'CONFIG_TEMPLATE_INVALID', 'two'],
    ]);
    expect(triggers.map(({ name }) => name)).toEqual(['four']);
  });

  it('offers templates what the kind adds, and refuses a name that every window has', () => {
    const template = triggerConfig('a', { payloadTemplate: '{"x":"{{extra.one}}"}' });
    expect(check(template, () => ({ extra: { one: 'more' } })).triggers[0]?.render(windowOf(1))).toBe('{"x":"more"}');
    expect(check(triggerConfig('a'), () => ({ run_id: 'mine' })).issues).toMatchObject([
      { code: 'CONFIG_KIND_REFUSED', pointer: '/config/0', message: expect.stringContaining('"run_id"') },
    ]);
  });

  it('knows what becomes of a delivery that failed for good', () => {
    const policies = ['park', 'block'].map((onFailure) => check(triggerConfig('a', { onFailure })).triggers[0]);
    expect([...policies, ...check(triggerConfig('a')).triggers].map((one) => one?.onFailure)).toEqual([
      'park',
      'block',
      'block',
    ]);
  });
});

describe('a trigger without a template', () => {
  const kindWith = (defaultPayloadTemplate: string): TriggerKind => ({ ...scriptedKind(), defaultPayloadTemplate });
  const without = { kind: 'scripted', name: 'one', target: 'a' };

  it('uses the default one of its kind, and is the same as one that writes it', () => {
    const template = '{"docs":{{docs_total}} }';
    const registry = new TriggerKindRegistry([kindWith(template)]);
    const [bare, written] = compileTriggers(
      { config: [without, { ...without, name: 'two', payloadTemplate: template }] },
      registry,
    );
    expect(bare?.render(windowOf(3))).toBe('{"docs":3 }');
    expect({ ...bare?.identity, name: 'two' }).toEqual(written?.identity);
  });

  it('has the issues of that, at the place where its own would stand', () => {
    const registry = new TriggerKindRegistry([kindWith('{"x":{{unknown}} }')]);
    expect(checkTriggers({ config: { one: without } }, registry)).toMatchObject({
      triggers: [],
      issues: [
        {
          code: 'CONFIG_TEMPLATE_INVALID',
          pointer: '/config/one/payloadTemplate',
          trigger: 'one',
          message: expect.stringMatching(/^payloadTemplate, the default of kind "scripted", line 1, column 8: /),
        },
      ],
    });
  });
});

it('a kind judges its hosts by the egress that is given, or by the default one', () => {
  const kind: TriggerKind = {
    ...scriptedKind(),
    validate: ({ target }, { egress }) => {
      const message = egress.refusal(String(target));
      return message === undefined ? [] : [{ severity: 'error', pointer: '/target', message }];
    },
  };
  const check = (target: string, egress?: ReturnType<typeof egressGuard>) =>
    checkTriggers({ config: triggerConfig(target) }, new TriggerKindRegistry([kind]), egress && { egress }).issues;
  expect(check('127.0.0.1')).toEqual([]);
  expect(check('169.254.169.254')).toMatchObject([{ code: 'CONFIG_KIND_REFUSED' }]);
  expect(check('127.0.0.1', egressGuard({ reach: 'public' }))).toMatchObject([{ code: 'CONFIG_KIND_REFUSED' }]);
});

describe('compiling triggers', () => {
  it('throws every issue at once when one is an error', () => {
    const config = [...triggerConfig('a', { payloadTemplate: '{' }), ...triggerConfig('b', { maxAttempts: 0 })];
    try {
      compileTriggers({ config }, registryWith());
      expect.unreachable();
    } catch (error) {
      expect(isTriggersConfigError(error) && error.issues.map(({ severity }) => severity)).toEqual([
        'warning',
        'error',
      ]);
      expect(String(error)).toContain('/config/0/payloadTemplate');
      expect(String(error)).not.toContain('maxAttempts');
    }
  });

  it('is not stopped by a warning', () => {
    const [trigger] = compileTriggers({ config: triggerConfig('a', { maxAttempts: 0 }) }, registryWith());
    expect(trigger?.maxAttempts).toBe(1);
  });
});
