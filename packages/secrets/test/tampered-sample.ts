import { expect } from 'vitest';
import type { OrderedObject, OrderedValue } from '../src/ordered-value.js';
import { readJson } from '../src/read-json.js';
import { sealTriggers } from '../src/seal-triggers.js';
import { unsealTriggers } from '../src/unseal-triggers.js';
import { writeDocument } from '../src/write-document.js';
import { keySources, schemaOf, sealer, triggers } from './sample-kinds.js';

/** The sample triggers, sealed. */
export const { text: sealed } = await sealTriggers(triggers, { schemaOf, sealer });

export const unseal = (text: string) => unsealTriggers(text, { schemaOf, keySources, label: 'orders.yaml' });

/** The object at a path of a document. */
export function at(document: OrderedValue, ...path: Array<string | number>): OrderedObject {
  const found = path.reduce<OrderedValue | undefined>(
    (value, part) => (Array.isArray(value) ? value[Number(part)] : (value as OrderedObject).get(String(part))),
    document,
  );
  if (!(found instanceof Map)) throw new Error(`There is no object at ${path.join('.')}`);
  return found;
}

export const dbtHeaders = (document: OrderedObject): OrderedObject => at(document, 'config', 'dbt', 'headers');
export const mq = (document: OrderedObject): OrderedObject => at(document, 'config', 'mq');
export const mqLogin = (document: OrderedObject): OrderedObject => at(document, 'config', 'mq', 'login');

export const textOf = (value: OrderedValue | undefined): string => (typeof value === 'string' ? value : '');

/** With which code a text is refused, or `opened`. */
export async function codeOf(text: string): Promise<string> {
  const failed: unknown = await unseal(text).then(
    () => 'opened',
    (error: unknown) => error,
  );
  if (failed === 'opened') return 'opened';
  const { code, message } = failed as { code: string; message: string };
  expect(message, 'no secret is quoted').not.toMatch(/s3cr3t|ENC\[/);
  expect(message).toContain('orders.yaml');
  return code;
}

/** With which code the sealed sample is refused after it was changed. */
export async function codeAfter(change: (document: OrderedObject) => void): Promise<string> {
  const document = readJson(sealed, 'it') as OrderedObject;
  change(document);
  return codeOf(writeDocument(document, 'json'));
}
