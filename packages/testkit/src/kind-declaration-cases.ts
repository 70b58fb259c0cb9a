import assert from 'node:assert/strict';
import { type Json, type JsonObject, secretValues } from '@aftercommit/models';
import { type ConfigIssue, egressGuard, TriggerKindRegistry, validateTriggers } from '@aftercommit/registry';
import type { KindCase } from './kind-bench.js';
import type { KindSubject } from './kind-subject.js';

/** What a kind says of itself, before anything is opened. */
export const declarationCases: KindCase[] = [
  {
    title: 'is accepted by a registry: known contract, legal name, no field that every trigger has already',
    async run({ subject }) {
      const registry = new TriggerKindRegistry([subject.kind]);
      assert.equal(registry.find(subject.kind.kind), subject.kind);
    },
  },
  {
    title: 'declares a closed schema whose fields have a title and a description',
    async run({ subject }) {
      const { properties, ...schema } = subject.kind.configSchema;
      assert.ok(
        !('additionalProperties' in schema && schema.additionalProperties),
        'a schema that is not closed lets misspelt fields pass',
      );
      for (const [field, own] of Object.entries(properties)) {
        const { title, description } = own as { title?: string; description?: string };
        assert.ok(title, `${field} needs a title`);
        assert.ok(description, `${field} needs a description`);
      }
    },
  },
  {
    title: 'annotates every secret of the configuration as secret',
    async run(bench) {
      const annotated = secretValues(bench.subject.kind.configSchema, bench.subject.config);
      for (const [index, secret] of bench.secrets.entries()) {
        assert.ok(
          annotated.includes(secret),
          `the secret value number ${index + 1} stands in no field with secret: true`,
        );
      }
    },
  },
  {
    title: 'accepts a configuration that works',
    async run({ subject }) {
      assert.deepEqual(errorsOf(subject, subject.config), []);
    },
  },
  {
    title: 'refuses a field that it does not have',
    async run({ subject }) {
      const errors = errorsOf(subject, { ...subject.config, 'no-such-field': true });
      assert.ok(errors.length > 0, 'an unknown field passed');
    },
  },
  {
    title: 'finds what is wrong with invalid configurations, where it is',
    async run(bench) {
      for (const { config, pointer } of bench.subject.invalidConfigs ?? []) {
        const errors = errorsOf(bench.subject, config);
        const found = errors.map((issue) => issue.pointer);
        assert.ok(
          found.includes(`/config/0${pointer}`),
          `no error at ${pointer}, but at: ${found.join(', ') || 'none'}`,
        );
        assertHidden(JSON.stringify(errors), bench.secrets, 'an issue');
      }
    },
  },
  {
    title: 'looks at a sealed configuration, whose secret values are absent, without finding fault',
    async run({ subject }) {
      const sealed = withoutValues(subject.config, new Set(secretValues(subject.kind.configSchema, subject.config)));
      const errors = (subject.kind.validate?.(sealed, { egress: egressGuard() }) ?? []).filter(
        ({ severity }) => severity === 'error',
      );
      assert.deepEqual(errors, []);
      assert.notEqual(
        subject.kind.describeTarget(sealed).trim(),
        '',
        'describeTarget() says nothing without the secret values',
      );
    },
  },
  {
    title: 'describes its target without a secret, a path or a query',
    async run(bench) {
      const target = bench.subject.kind.describeTarget(bench.subject.config);
      assert.notEqual(target.trim(), '');
      assertHidden(target, bench.secrets, 'describeTarget()');
      assertHidden(target, textsOf(bench.subject.config).flatMap(hiddenPartsOfUrl), 'describeTarget()');
    },
  },
];

/** Warnings are the kind's to give. */
function errorsOf({ kind }: KindSubject, config: JsonObject): ConfigIssue[] {
  const trigger = { kind: kind.kind, payloadTemplate: '{}', ...config };
  const { issues } = validateTriggers({ config: [trigger] }, new TriggerKindRegistry([kind]));
  return issues.filter(({ severity }) => severity === 'error');
}

/** The message says where it was shown, and never what: it would be shown once more. */
function assertHidden(text: string, hidden: readonly string[], where: string): void {
  assert.ok(!hidden.some((part) => text.includes(part)), `${where} shows what must be hidden`);
}

/** Path, query, fragment and credentials of a text that is a URL: each can be a token. */
function hiddenPartsOfUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { pathname, search, hash, username, password } = new URL(text);
  return [pathname, search, hash, username, password].filter((part) => part.length > 1);
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function withoutValues(object: JsonObject, absent: ReadonlySet<string>): JsonObject {
  const kept = Object.entries(object).filter(([, value]) => typeof value !== 'string' || !absent.has(value));
  return Object.fromEntries(
    kept.map(([key, value]) => {
      const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
      return [key, nested ? withoutValues(value, absent) : value];
    }),
  );
}
