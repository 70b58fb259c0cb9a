import assert from 'node:assert/strict';
import { secretValues } from '@aftercommit/models';
import { TriggerKindRegistry, triggersSchema } from '@aftercommit/registry';
import { Value } from 'typebox/value';
import { type DeclaredField, declaredFields } from './declared-fields.js';
import type { KindCase } from './kind-bench.js';

/** What a kind says of itself. */
export const declarationCases: KindCase[] = [
  {
    title: 'is accepted by a registry: known contract, legal name, no field that every trigger has already',
    async run({ subject }) {
      const registry = new TriggerKindRegistry([subject.kind]);
      assert.equal(registry.find(subject.kind.kind), subject.kind);
      assert.ok(JSON.stringify(triggersSchema(registry)), 'the schema of its triggers is JSON');
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
        assert.ok(title?.trim(), `${field} needs a title`);
        assert.ok(description?.trim(), `${field} needs a description`);
      }
    },
  },
  {
    title: 'gives each field a default that the field can have',
    async run({ subject }) {
      for (const { name, schema } of declaredFields(subject.kind.configSchema)) {
        if (!('default' in schema)) continue;
        assert.ok(Value.Check(schema, schema.default), `the default of ${name} does not match the field's own schema`);
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
    title: 'annotates as secret what is called a password, a token, a key or a header',
    async run({ subject }) {
      const open = declaredFields(subject.kind.configSchema).filter(isOpenSecret);
      assert.deepEqual(
        open.map(({ name }) => name),
        [],
        'annotate these with secret: true, or call them what they are',
      );
    },
  },
  {
    title: 'calls no field both secret and nonsensitive',
    async run({ subject }) {
      const both = declaredFields(subject.kind.configSchema).filter(
        ({ isSecret, isNonsensitive }) => isSecret && isNonsensitive,
      );
      assert.deepEqual(
        both.map(({ name }) => name),
        [],
      );
    },
  },
];

const secretName =
  /(?:^|[a-z_-])(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|jwt)s?$|^authorization$/i;
const headersName = /^(?:http)?headers$/i;

/** A text under such a name is a secret; of a map of headers each value is. */
function isOpenSecret({ name, schema, isSecret }: DeclaredField): boolean {
  if (isSecret) return false;
  const [last = ''] = name.split('.').slice(-1);
  const [parent = ''] = name.split('.').slice(-2);
  const isText = schema.type === 'string' && schema.enum === undefined && schema.const === undefined;
  return isText && (secretName.test(last) || (last === '*' && (headersName.test(parent) || secretName.test(parent))));
}
