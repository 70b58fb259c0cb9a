import { defaultRule, type EncryptionRule } from './encryption-rule.js';
import type { WrappedKey } from './key-source.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { SecretsError } from './secrets-error.js';

/** The `sops` section of a document. */
export type Metadata = {
  /** Who may open the document: any key of any group; with more than one group, `threshold` groups together. */
  keyGroups: WrappedKey[][];
  threshold: number;
  rule: EncryptionRule;
  /** When it was sealed, whole seconds: also what its seal is bound to. */
  lastModified: string;
  /** Its seal, encrypted; `''`: it has none. */
  mac: string;
  macOnlyEncrypted: boolean;
};

const recipientFields = new Map([
  ['age', 'recipient'],
  ['kms', 'arn'],
  ['gcp_kms', 'resource_id'],
  ['azure_kv', 'name'],
  ['hc_vault', 'key_name'],
  ['hckms', 'key_id'],
  ['pgp', 'fp'],
]);

const rules = [
  ['encrypted_suffix', (encryptedSuffix: string): EncryptionRule => ({ encryptedSuffix })],
  ['unencrypted_suffix', (unencryptedSuffix: string): EncryptionRule => ({ unencryptedSuffix })],
  ['encrypted_regex', (encryptedRegex: string): EncryptionRule => ({ encryptedRegex })],
  ['unencrypted_regex', (unencryptedRegex: string): EncryptionRule => ({ unencryptedRegex })],
] as const;

const unsupported = ['encrypted_comment_regex', 'unencrypted_comment_regex'];
const wholeSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[-+]\d\d:\d\d)$/;

/** @throws SecretsError `SECRETS_METADATA_INVALID`, `SECRETS_UNSUPPORTED`. */
export function readMetadata(section: OrderedValue, label: string): Metadata {
  const invalid = (problem: string): SecretsError =>
    new SecretsError('SECRETS_METADATA_INVALID', `The sops section of ${label} ${problem}.`, { pointer: '/sops' });
  if (!(section instanceof Map)) throw invalid('must be a mapping');
  const foreign = unsupported.find((name) => isGiven(section.get(name)));
  if (foreign !== undefined) {
    throw new SecretsError(
      'SECRETS_UNSUPPORTED',
      `${label} was sealed by its comments (${foreign}): that is not read here.`,
    );
  }
  const lastModified = section.get('lastmodified');
  if (typeof lastModified !== 'string' || !wholeSeconds.test(lastModified)) {
    throw invalid('has no lastmodified in whole seconds, such as "2026-01-01T00:00:00Z", in quotes');
  }
  const mac = section.get('mac') ?? '';
  if (typeof mac !== 'string') throw invalid('has a mac that is no text');
  const macOnlyEncrypted = section.get('mac_only_encrypted') ?? false;
  if (typeof macOnlyEncrypted !== 'boolean') throw invalid('must say true or false for mac_only_encrypted');
  const keyGroups = readKeyGroups(section, invalid);
  const threshold = section.get('shamir_threshold') ?? 0;
  if (typeof threshold !== 'number' || !Number.isInteger(threshold) || threshold < 0) {
    throw invalid('has a shamir_threshold that is no number');
  }
  const rule = readRule(section, invalid);
  return { keyGroups, threshold: threshold || keyGroups.length, rule, lastModified, mac, macOnlyEncrypted };
}

/** Everybody who could open a document, or a part of its key. */
export function recipientsOf({ keyGroups }: Metadata): string[] {
  return [...new Set(keyGroups.flat().map(({ recipient }) => recipient))];
}

function readRule(section: OrderedObject, invalid: (problem: string) => SecretsError): EncryptionRule {
  const found = rules.filter(([name]) => isGiven(section.get(name)));
  const [first, second] = found;
  if (second !== undefined) throw invalid(`has more than one of ${rules.map(([name]) => name).join(', ')}`);
  if (first === undefined) return defaultRule;
  const [name, rule] = first;
  const value = section.get(name);
  if (typeof value !== 'string') throw invalid(`has a ${name} that is no text`);
  return rule(value);
}

function isGiven(value: OrderedValue | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

function readKeyGroups(section: OrderedObject, invalid: (problem: string) => SecretsError): WrappedKey[][] {
  const own = keysOf(section, invalid);
  if (own.length > 0) return [own];
  const groups = section.get('key_groups') ?? [];
  if (!Array.isArray(groups)) throw invalid('has key_groups that are no list');
  const read = groups.map((group) => {
    if (!(group instanceof Map)) throw invalid('has a key group that is no mapping');
    return keysOf(group, invalid);
  });
  if (read.flat().length === 0) throw invalid('names nobody who could open it');
  return read;
}

/** Every list of entries with an `enc`: also those of key services that came later. */
function keysOf(section: OrderedObject, invalid: (problem: string) => SecretsError): WrappedKey[] {
  return [...section].flatMap(([type, entries]) => {
    if (!Array.isArray(entries) || type === 'key_groups') return [];
    return entries.map((entry): WrappedKey => {
      const enc = entry instanceof Map ? entry.get('enc') : undefined;
      if (!(entry instanceof Map) || typeof enc !== 'string') throw invalid(`has a key under ${type} without enc`);
      const texts = [...entry].filter((field): field is [string, string] => typeof field[1] === 'string');
      const fields = new Map(texts.filter(([name]) => name !== 'enc'));
      const recipient = fields.get(recipientFields.get(type) ?? 'recipient') ?? `a key under ${type}`;
      return { type, recipient, enc, fields };
    });
  });
}
