import { randomBytes } from 'node:crypto';
import { wrapForAge } from './age-key-source.js';
import type { EncryptionRule } from './encryption-rule.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { SecretsError } from './secrets-error.js';

/** The first release of sops that reads what is written here as it is meant. */
const writtenAsVersion = '3.7.3';

/** The `sops` section of a new document, as far as it is known before the document is sealed. */
export type NewMetadata = {
  dataKey: Uint8Array;
  lastModified: string;
  /** The whole section. */
  section(mac: string, macOnlyEncrypted?: boolean): OrderedObject;
};

/** @throws SecretsError `SECRETS_KEY_INVALID` when a recipient is none, or there is none. */
export async function newMetadata({
  recipients,
  rule,
  now,
}: {
  recipients: readonly string[];
  rule: EncryptionRule;
  now: number;
}): Promise<NewMetadata> {
  if (recipients.length === 0) {
    throw new SecretsError('SECRETS_KEY_INVALID', 'There is no recipient: name at least one age recipient (age1…).');
  }
  const dataKey = randomBytes(32);
  const age: OrderedValue[] = [];
  for (const recipient of new Set(recipients)) {
    age.push(fields({ recipient, enc: `${await wrapForAge(dataKey, recipient)}` }));
  }
  const lastModified = wholeSeconds(now);
  return {
    dataKey,
    lastModified,
    section: (mac, macOnlyEncrypted = false) =>
      fields({
        age,
        lastmodified: lastModified,
        mac,
        ...ruleField(rule),
        ...(macOnlyEncrypted ? { mac_only_encrypted: true } : {}),
        version: writtenAsVersion,
      }),
  };
}

/** As sops writes instants: `2026-01-01T00:00:00Z`. */
export function wholeSeconds(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}

function ruleField(rule: EncryptionRule): Record<string, string> {
  return Object.fromEntries(
    Object.entries(rule).map(([name, value]) => [name.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

function fields(values: Record<string, OrderedValue>): OrderedObject {
  return new Map(Object.entries(values));
}
