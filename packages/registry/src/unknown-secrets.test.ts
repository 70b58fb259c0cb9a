import { annotated } from '@aftercommit/models';
import Type from 'typebox';
import { expect, it } from 'vitest';
import { defineTriggerKind } from './trigger-kind.js';
import { TriggerKindRegistry } from './trigger-kind-registry.js';
import { validateTriggers } from './validate-triggers.js';

const secret = annotated(Type.String(), { secret: true });

it('a secret that nobody has opened is not shown to its kind, and its name is', () => {
  const seen: unknown[] = [];
  const kind = defineTriggerKind({
    contractVersion: 1,
    kind: 'queue',
    configSchema: Type.Object({
      url: secret,
      headers: Type.Record(Type.String(), secret),
      login: Type.Object({ user: Type.String(), password: secret }),
    }),
    validate: (config) => {
      seen.push(config);
      return config.url === undefined ? [] : [{ severity: 'error', pointer: '/url', message: 'is no URL' }];
    },
    describeTarget: ({ url }: { url?: string }) => url ?? 'a secret URL',
    open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
  });
  const config = {
    one: {
      kind: 'queue',
      payloadTemplate: '{}',
      url: 'sealed',
      headers: { A: 'sealed', B: 'opened' },
      login: { user: 'ada', password: 'sealed' },
    },
  };
  const unknownSecrets = new Set(['/config/one/url', '/config/one/headers/A', '/config/one/login/password']);
  const { triggers, issues } = validateTriggers({ config }, new TriggerKindRegistry([kind]), { unknownSecrets });
  expect(issues).toEqual([]);
  expect(seen).toEqual([
    { url: undefined, headers: { A: undefined, B: 'opened' }, login: { user: 'ada', password: undefined } },
  ]);
  expect(triggers).toMatchObject([{ target: 'a secret URL', sealedTarget: 'a secret URL', config: { url: 'sealed' } }]);
  const opened = validateTriggers({ config }, new TriggerKindRegistry([kind]));
  expect(opened.issues).toMatchObject([{ pointer: '/config/one/url' }]);
});
