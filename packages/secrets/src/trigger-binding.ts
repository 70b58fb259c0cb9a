import {
  alternativeFields,
  compareText,
  type KindSchemas,
  kindOf,
  SchemaLocation,
  triggerSchema,
} from '@aftercommit/models';
import type { TSchema } from 'typebox';
import { leafText } from './leaf-text.js';
import { leavesOf } from './leaves.js';
import type { OrderedObject } from './ordered-value.js';
import type { SealForm } from './seal-forms.js';
import { hasSuffix, withoutSuffix } from './sealed-names.js';
import { SecretsError } from './secrets-error.js';

/**
 * Sees to it that the seal says which trigger each field belongs to. It covers the texts of a document in their order, and
 * neither names nor where one trigger ends: the last fields of one can be made the first of the next, and a secret goes to
 * another URL. Where the fields of every trigger are in order (as they are sealed here, and by others), there is one way to
 * divide the texts. Otherwise all ways are counted, and a second one is refused.
 *
 * @throws SecretsError `SECRETS_AMBIGUOUS`.
 */
export function checkBinding({ document, isWhole }: SealForm, schemaOf: KindSchemas, label: string): void {
  const config = document.get('config');
  const triggers = Array.isArray(config) || config instanceof Map ? [...config.values()] : [];
  const groups = triggers.map((trigger) => (trigger instanceof Map ? fieldLeaves(trigger) : []));
  const leaves = groups.flat();
  if (groups.length < 2 || !leaves.some(({ isSecret }) => isSecret)) return;
  if (isWhole) checkTemplates(triggers, label);
  const mustBeSorted = groups.every(isSorted);
  const isTrigger = (part: readonly FieldLeaf[]): boolean =>
    fitsKind(part, schemaOf) && (!mustBeSorted || isSorted(part));
  const written = groups.filter((part) => part.length > 0);
  const other = countDivisions(leaves, isTrigger) - (written.every(isTrigger) ? 1 : 0);
  if (other > 0) {
    throw new SecretsError(
      'SECRETS_AMBIGUOUS',
      `${label}: the seal does not say which trigger each secret belongs to, since the fields of one run on into those of the next. Seal it again (aftercommit seal), with its triggers in another order if that does not help.`,
      { pointer: '/config' },
    );
  }
}

/** A text that counts in the seal: which field of its trigger it belongs to, and where in it. */
type FieldLeaf = { field: string; place: string; isInList: boolean; isSecret: boolean; text: string };

/** What is empty counts for nothing: it can be added and removed without a trace. */
function fieldLeaves(trigger: OrderedObject): FieldLeaf[] {
  return leavesOf(trigger).flatMap(({ leaf, path, pointer }) => {
    const text = leafText(leaf);
    const isInList = pointer.length > path.length;
    const place = JSON.stringify(path);
    return text === ''
      ? []
      : [{ field: withoutSuffix(path[0] ?? ''), place, isInList, isSecret: path.some(hasSuffix), text }];
  });
}

/** How many of these can belong to one trigger: its fields come one after the other, and none twice. */
function runLength(leaves: readonly FieldLeaf[], from: number): number {
  const [fields, places] = [new Set<string>(), new Set<string>()];
  let length = 0;
  for (let previous: string | undefined; from + length < leaves.length; length += 1) {
    const { field = '', place = '', isInList = false } = leaves[from + length] ?? {};
    if ((field !== previous && fields.has(field)) || (!isInList && places.has(place))) break;
    fields.add(field);
    places.add(place);
    previous = field;
  }
  return length;
}

function isSorted(part: readonly FieldLeaf[]): boolean {
  return part.every(({ field }, index) => index === 0 || compareText(part[index - 1]?.field ?? '', field) <= 0);
}

/** Whether these can be the fields of one trigger: those that it must have are there, one of its alternatives, and none that it cannot have. */
function fitsKind(part: readonly FieldLeaf[], schemaOf: KindSchemas): boolean {
  const kind = kindOf(new Map(part.map(({ field, text }) => [field, text])));
  const configSchema = kind === undefined ? undefined : schemaOf(kind);
  if (kind === undefined || configSchema === undefined) return false;
  const schema = triggerSchema(kind, configSchema);
  const location = SchemaLocation.of(schema);
  const required = (schema.required ?? []).filter((name) => {
    const field: TSchema & { type?: unknown } = schema.properties[name] ?? {};
    return !location.field(name).isNonsensitive && field.type !== 'object' && field.type !== 'array';
  });
  const present = new Set(part.map(({ field }) => field));
  const chosen = alternativeFields(schema)?.filter((names) => names.every((name) => present.has(name)));
  return (
    required.every((name) => present.has(name)) &&
    (chosen === undefined || chosen.length === 1) &&
    [...present].every((name) => location.field(name).isKnown)
  );
}

/** In how many ways the leaves can be divided into triggers; 2 stands for more. */
function countDivisions(leaves: readonly FieldLeaf[], isTrigger: (part: readonly FieldLeaf[]) => boolean): number {
  // Only where the rest can be divided, too: elsewhere no trigger can end.
  const ways = new Map([[leaves.length, 1]]);
  for (let from = leaves.length - 1; from >= 0; from -= 1) {
    const last = from + runLength(leaves, from);
    const ends = [...ways].filter(([to]) => to <= last && isTrigger(leaves.slice(from, to)));
    const count = ends.reduce((sum, [, rest]) => sum + rest, 0);
    if (count > 0) ways.set(from, Math.min(count, 2));
  }
  return ways.get(0) ?? 0;
}

/**
 * Where templates are sealed too, one could take the place of a URL, so that its secrets go to the next URL. What renders to
 * JSON begins like JSON, or with an expression.
 */
function checkTemplates(triggers: readonly unknown[], label: string): void {
  for (const trigger of triggers) {
    const template = trigger instanceof Map ? trigger.get('payloadTemplate') : undefined;
    if (typeof template !== 'string' || /^\s*(?:$|[-{["\d]|true|false|null)/.test(template)) continue;
    throw new SecretsError(
      'SECRETS_AMBIGUOUS',
      `${label}: a payloadTemplate cannot render JSON: something else stands there.`,
      {
        pointer: '/config',
      },
    );
  }
}
