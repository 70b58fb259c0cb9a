import { type Metadata, readMetadata } from './metadata.js';
import { type OrderedObject, type OrderedValue, toOrdered } from './ordered-value.js';
import { readJson } from './read-json.js';
import { readYaml } from './read-yaml.js';
import { SecretsError } from './secrets-error.js';

/** In which language a document is written. */
export type DocumentFormat = 'json' | 'yaml';

/** A sealed document, read and not yet opened. */
export type SealedDocument = {
  /** What is called what in messages. */
  label: string;
  /** Its fields without the section `sops`. */
  data: OrderedObject;
  /** The section `sops` as it is written. */
  section: OrderedValue;
  metadata: Metadata;
};

const loneSurrogate = /\p{Surrogate}/u;

/**
 * The fields of a document, whether it is sealed or not.
 *
 * @param source A text of the format, or a value that was read from one already: fields given twice cannot be seen in it.
 * @throws SecretsError `SECRETS_DOCUMENT_INVALID`.
 */
export function readDocument(source: unknown, format: DocumentFormat, label: string): OrderedObject {
  const value = typeof source === 'string' ? readText(source, format, label) : toOrdered(source, label);
  assertWellFormed(value, label);
  if (value instanceof Map) return value;
  throw new SecretsError('SECRETS_DOCUMENT_INVALID', `${label} must be a mapping with fields.`);
}

/** @throws SecretsError `SECRETS_DOCUMENT_INVALID`, `SECRETS_NOT_SEALED`, `SECRETS_METADATA_INVALID`, `SECRETS_UNSUPPORTED`. */
export function readSealedDocument(source: unknown, format: DocumentFormat, label: string): SealedDocument {
  const { sops: section, data } = splitDocument(readDocument(source, format, label));
  if (section === undefined) {
    throw new SecretsError(
      'SECRETS_NOT_SEALED',
      `${label} is not sealed: it has no section "sops". Seal it: aftercommit seal.`,
    );
  }
  return { label, data, section, metadata: readMetadata(section, label) };
}

/** The fields of a document, and its section `sops`; undefined: it has none. */
export function splitDocument(document: OrderedObject): { data: OrderedObject; sops: OrderedValue | undefined } {
  return { data: new Map([...document].filter(([name]) => name !== 'sops')), sops: document.get('sops') };
}

function readText(text: string, format: DocumentFormat, label: string): OrderedValue {
  if (text.startsWith('\uFEFF')) {
    throw new SecretsError('SECRETS_DOCUMENT_INVALID', `${label} begins with a byte order mark. Save it without one.`);
  }
  return format === 'json' ? readJson(text, label) : readYaml(text, label);
}

/** sops would read half of a surrogate pair as another character, and two different names as one. */
export function assertWellFormed(value: OrderedValue, label: string): void {
  if (typeof value === 'string' && loneSurrogate.test(value)) {
    throw new SecretsError('SECRETS_DOCUMENT_INVALID', `${label} has a text with half of a surrogate pair.`);
  }
  if (Array.isArray(value)) for (const inner of value) assertWellFormed(inner, label);
  if (!(value instanceof Map)) return;
  for (const [name, inner] of value) {
    assertWellFormed(name, label);
    assertWellFormed(inner, label);
  }
}
