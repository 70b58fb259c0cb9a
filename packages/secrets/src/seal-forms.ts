import { compareText, stripConfig } from '@aftercommit/models';
import type { TSchema } from 'typebox';
import type { OrderedObject, OrderedValue } from './ordered-value.js';

/** What a seal may have been made over, when a document is looked at later. */
export type SealForm = {
  document: OrderedObject;
  /** Whether its nonsensitive fields are sealed with it. */
  isWhole: boolean;
};

/** The nonsensitive fields of a trigger as others seal them: there, and empty. */
const placeholders: ReadonlyMap<string, OrderedValue> = new Map<string, OrderedValue>([
  ['maxAttempts', 0],
  ['payloadTemplate', ''],
  ['timeout', '0s'],
]);

/** The document as it stands, and without its nonsensitive fields, which may have been put back after sealing. */
export function sealForms(schema: TSchema, document: OrderedObject): SealForm[] {
  return [{ document, isWhole: true }, stripped(schema, document)];
}

/** The same, and for a list of triggers with the placeholders of others. */
export function triggerSealForms(schema: TSchema, document: OrderedObject): SealForm[] {
  const forms = sealForms(schema, document);
  const config = document.get('config');
  if (!Array.isArray(config)) return forms;
  const bare = stripped(schema, document).document;
  const withPlaceholders = (fill: (trigger: OrderedObject, kept: OrderedObject) => OrderedObject): SealForm => {
    const list = bare.get('config');
    const filled = (Array.isArray(list) ? list : []).map((trigger, index) => {
      const kept = config[index];
      return trigger instanceof Map && kept instanceof Map ? fill(trigger, kept) : trigger;
    });
    return { document: new Map([...bare, ['config', filled]]), isWhole: false };
  };
  return [...forms, withPlaceholders(inPlace), withPlaceholders(sortedIn)];
}

/** Only where the field is now. */
function inPlace(bare: OrderedObject, trigger: OrderedObject): OrderedObject {
  return new Map(
    [...trigger].flatMap(([name, value]): Array<[string, OrderedValue]> => {
      const placeholder = placeholders.get(name);
      if (placeholder !== undefined) return [[name, placeholder]];
      return bare.has(name) ? [[name, value]] : [];
    }),
  );
}

/** All three, also those that were removed since, each where it would stand in order. What is there keeps its place. */
function sortedIn(bare: OrderedObject): OrderedObject {
  const fields = [...bare].filter(([name]) => !placeholders.has(name));
  for (const placeholder of placeholders) {
    const next = fields.findIndex(([name]) => compareText(name, placeholder[0]) > 0);
    fields.splice(next === -1 ? fields.length : next, 0, placeholder);
  }
  return new Map(fields);
}

function stripped(schema: TSchema, document: OrderedObject): SealForm {
  return { document: stripConfig(schema, document) as OrderedObject, isWhole: false };
}
