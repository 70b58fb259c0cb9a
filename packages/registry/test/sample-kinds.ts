import { annotated, type ConfigIssue } from '@aftercommit/models';
import Type from 'typebox';
import { defineTriggerKind, type KindIssue } from '../src/trigger-kind.js';
import { TriggerKindRegistry } from '../src/trigger-kind-registry.js';
import { type TriggersValidation, validateTriggers } from '../src/validate-triggers.js';

/** A kind with an enum, a record of secrets and a check of its own: warns of http, refuses everything but http and https. */
export const webhook = defineTriggerKind({
  contractVersion: 1,
  kind: 'webhook',
  configSchema: Type.Object({
    url: Type.String({ title: 'URL', description: 'Where the payload goes.' }),
    method: Type.Optional(Type.Enum(['POST', 'PUT', 'PATCH'], { default: 'POST' })),
    headers: Type.Optional(Type.Record(Type.String(), annotated(Type.String(), { secret: true }), { default: {} })),
  }),
  validate({ url }): KindIssue[] {
    if (url.startsWith('http:')) {
      return [{ severity: 'warning', pointer: '/url', message: 'url is not encrypted.' }];
    }
    return url.startsWith('https:') ? [] : [{ severity: 'error', pointer: '/url', message: 'url must be https.' }];
  },
  describeTarget: ({ url }) => new URL(url).origin,
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});

/** A kind whose only field has a default. */
export const log = defineTriggerKind({
  contractVersion: 1,
  kind: 'log',
  configSchema: Type.Object({ prefix: Type.String({ default: 'committed' }) }),
  describeTarget: () => 'log:',
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
});

/** A trigger of the kind `webhook` that is free of faults. */
export const hook = { url: 'https://example.com/hook', payloadTemplate: '{}' };

/** Checks a configuration against both kinds: what can be run of it, and what there is to say. */
export function validate(value: unknown): Pick<TriggersValidation, 'triggers' | 'issues'> {
  const { triggers, issues } = validateTriggers(value, new TriggerKindRegistry([webhook, log]));
  return { triggers, issues };
}

/** The triggers that have an error and can be looked at further. */
export function faultyOf(value: unknown): TriggersValidation['faulty'] {
  return validateTriggers(value, new TriggerKindRegistry([webhook, log])).faulty;
}

export function issuesOf(value: unknown): ConfigIssue[] {
  return validate(value).issues;
}
