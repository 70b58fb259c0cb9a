import { checkTriggers } from '@aftercommit/delivery';
import { type JsonObject, jsonPointer, triggerSchema } from '@aftercommit/models';
import type { TriggerKind } from '@aftercommit/registry';
import { unknownNames } from '../errors/unknown-names.js';
import { UsageError } from '../errors/usage-error.js';
import type { InstalledKinds } from '../kinds/installed-kinds.js';
import type { InitTrigger } from './init-answers.js';
import { givenFields, missingFields, type SchemaField, typedValue } from './kind-fields.js';
import { type Ask, answerTo } from './question.js';
import { usualPayload } from './spec-text.js';

/** What the options say of who is told. */
export type GivenTrigger = {
  /** Undefined: they do not say. */
  kind?: string;
  /** `url=https://example.com/hook`; empty: they say nothing. */
  field: readonly string[];
};

/** Learns a secret, which nobody may see: its prompt is given. */
export type AskSecret = (prompt: string) => Promise<string>;

/** The answer that means no trigger. */
const nobody = 'none';

/** Who is told after each commit, with the fields that its kind cannot do without. Undefined: nobody is, yet. */
export async function askForTrigger(
  given: GivenTrigger,
  kinds: InstalledKinds,
  { ask, askSecret, isAsked }: { ask: Ask; askSecret: AskSecret; isAsked: boolean },
): Promise<InitTrigger | undefined> {
  const kind = await askForKind(given, kinds, ask);
  if (kind === undefined) return undefined;
  const schema = triggerSchema(kind.kind, kind.configSchema, kind.defaultPayloadTemplate);
  const fields = givenFields(given.field, schema, { option: '--field', owner: `kind ${kind.kind}` });
  const secrets: string[] = [];
  for (const field of missingFields(kind.configSchema, fields)) {
    const problem = (answer: JsonObject[string]): string | undefined =>
      fieldProblem(kind, { ...fields, [field.name]: answer ?? null }, field.name, kinds);
    if (field.isSecret) {
      fields[field.name] = await secretValue(field, { askSecret, isAsked, problem });
      secrets.push(field.name);
    } else {
      fields[field.name] = await plainValue(field, kind, { ask, problem });
    }
  }
  if (kind.defaultPayloadTemplate === undefined) fields['payloadTemplate'] ??= usualPayload;
  return { kind: kind.kind, fields, secrets };
}

async function askForKind(
  { kind: given, field }: GivenTrigger,
  { registry }: InstalledKinds,
  ask: Ask,
): Promise<TriggerKind | undefined> {
  // Who gives fields of a trigger wants one: the kind that is meant where none is named.
  const usual = field.length > 0 ? 'webhook' : nobody;
  const answer = await answerTo(
    {
      text: 'Who is told after each commit?',
      about: `${nobody}, or a trigger kind: ${registry.names.join(', ')}.`,
      option: '--kind <kind>',
      given,
      usual,
      proposals: [nobody, ...registry.names],
      problem: (typed) => unknownNames([typed], [nobody, ...registry.names], { what: 'trigger kind' }),
    },
    ask,
  );
  if (answer === nobody && field.length > 0) {
    throw new UsageError('--field is of a trigger, and there is to be none. Leave it out, or add --kind <kind>.');
  }
  return registry.find(answer);
}

async function plainValue(
  { name, description }: SchemaField,
  { configSchema }: TriggerKind,
  { ask, problem }: { ask: Ask; problem: (answer: JsonObject[string]) => string | undefined },
): Promise<JsonObject[string]> {
  const typed = (text: string) => typedValue(text, configSchema.properties[name] ?? {});
  const answer = await ask({
    text: `${name}:`,
    about: description,
    option: `--field ${name}=…`,
    given: undefined,
    usual: undefined,
    proposals: [],
    problem: (text) => problem(typed(text)),
  });
  return typed(answer);
}

async function secretValue(
  { name, description }: SchemaField,
  {
    askSecret,
    isAsked,
    problem,
  }: { askSecret: AskSecret; isAsked: boolean; problem(answer: string): string | undefined },
): Promise<string> {
  for (let prompt = `${description} It is not shown.\n${name}: `; ; ) {
    const value = await askSecret(prompt);
    const found = problem(value);
    if (found === undefined) return value;
    if (!isAsked) throw new UsageError(`${name} on standard input: ${found}`);
    prompt = `  ${found}\n${name}: `;
  }
}

/** What is wrong with one field of a trigger, if the others were right. */
function fieldProblem(
  { kind }: TriggerKind,
  fields: JsonObject,
  name: string,
  { registry, egress }: InstalledKinds,
): string | undefined {
  const trigger = { kind, payloadTemplate: '{}', ...fields };
  const { issues } = checkTriggers({ config: { [kind]: trigger } }, registry, { egress });
  const place = jsonPointer(['config', kind, name]);
  return issues.find(({ severity, pointer }) => severity === 'error' && pointer === place)?.message;
}
