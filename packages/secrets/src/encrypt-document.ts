import { jsonPointer } from '@aftercommit/models';
import { encryptLeaf } from './cipher.js';
import { type EncryptionRule, encryptionTest } from './encryption-rule.js';
import { isInt64, type Leaf } from './leaf-text.js';
import { mapLeaves, type PlacedLeaf } from './leaves.js';
import { macOf } from './mac.js';
import { newMetadata } from './new-metadata.js';
import { placeOf } from './open-document.js';
import { type OrderedObject, toOrdered } from './ordered-value.js';
import { assertWellFormed, type DocumentFormat } from './sealed-document.js';
import { SecretsError } from './secrets-error.js';
import { writeDocument } from './write-document.js';

/** How a document is sealed. */
export type EncryptOptions = {
  /** What text is made. */
  format: DocumentFormat;
  /** The age recipients (`age1…`) who may open it, each alone. At least one. */
  recipients: readonly string[];
  /** What is encrypted. Undefined: everything but what is under a name that ends with `_unencrypted`, as sops does. */
  rule?: EncryptionRule;
  /** Whether the seal covers the encrypted leaves alone. Undefined: it covers all. */
  macOnlyEncrypted?: boolean;
  /** What messages call the document: its file. Undefined: `The document`. */
  label?: string;
  /** Milliseconds since the Unix epoch. Undefined: by the clock of this machine. */
  now?: number;
};

/**
 * A value sealed as a SOPS document, which every release from 3.7.3 on opens.
 *
 * @param value An object. Maps are objects whose fields keep their order, also where a name is a number.
 * @throws SecretsError `SECRETS_VALUE_UNSUPPORTED` for a value that some releases would read as another, such as a plain
 *   integer beyond ±(2^53−1); `SECRETS_ALREADY_SEALED`; `SECRETS_KEY_INVALID`.
 */
export async function encryptDocument(value: unknown, options: EncryptOptions): Promise<string> {
  const { label = 'The document', rule = { unencryptedSuffix: '_unencrypted' }, now = Date.now() } = options;
  const data = toOrdered(value, label);
  if (!(data instanceof Map)) {
    throw new SecretsError('SECRETS_DOCUMENT_INVALID', `${label} must be a mapping with fields.`);
  }
  if (Object.values(rule).includes('')) {
    throw new SecretsError('SECRETS_VALUE_UNSUPPORTED', `The rule that says what is encrypted of ${label} is empty.`);
  }
  const isPartial = options.macOnlyEncrypted ?? false;
  const { dataKey, ...metadata } = await newMetadata({ recipients: options.recipients, rule, now });
  const encrypted = encryptLeaves(data, rule, dataKey, label);
  const mac = macOf(data, isPartial ? encryptionTest(rule, label) : undefined);
  const sops = metadata.section(encryptLeaf(mac, dataKey, metadata.lastModified), isPartial);
  return writeDocument(new Map([...encrypted, ['sops', sops]]), options.format);
}

/** @throws SecretsError `SECRETS_VALUE_UNSUPPORTED`, `SECRETS_ALREADY_SEALED`. */
export function encryptLeaves(
  data: OrderedObject,
  rule: EncryptionRule,
  dataKey: Uint8Array,
  label: string,
): OrderedObject {
  if (data.has('sops')) {
    throw new SecretsError('SECRETS_ALREADY_SEALED', `${label} has a section "sops" already: it is sealed.`);
  }
  assertWellFormed(data, label);
  const isEncrypted = encryptionTest(rule, label);
  return mapLeaves(data, (placed) => {
    assertSealable(placed, isEncrypted(placed.path), label);
    return isEncrypted(placed.path) ? encryptLeaf(placed.leaf, dataKey, placeOf(placed.path)) : placed.leaf;
  });
}

function assertSealable({ leaf, pointer }: PlacedLeaf, isEncrypted: boolean, label: string): void {
  const problem = sealProblem(leaf, isEncrypted);
  if (problem === undefined) return;
  const where = jsonPointer(pointer);
  throw new SecretsError('SECRETS_VALUE_UNSUPPORTED', `${label}: what stands at ${where} ${problem}.`, {
    pointer: where,
  });
}

function sealProblem(leaf: Leaf, isEncrypted: boolean): string | undefined {
  if (typeof leaf === 'string' || typeof leaf === 'boolean') return undefined;
  if (typeof leaf === 'number' && !Number.isFinite(leaf)) return 'is no number that JSON has';
  // Of a double it shows in the text whether it is an integer; releases of sops differ in what they make of one.
  const isLargeInteger = typeof leaf === 'bigint' || /^-?\d{16,}$/.test(String(leaf));
  if (isEncrypted) {
    return typeof leaf === 'bigint' && !isInt64(leaf)
      ? 'is an integer of more than 64 bits: write it as a text'
      : undefined;
  }
  return isLargeInteger && !Number.isSafeInteger(Number(leaf))
    ? 'is an integer beyond ±(2^53−1), which releases of sops read differently: write it as a text'
    : undefined;
}
