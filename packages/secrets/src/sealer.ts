import { SchemaLocation } from '@aftercommit/models';
import type { TSchema } from 'typebox';
import { encryptLeaf } from './cipher.js';
import { encryptLeaves } from './encrypt-document.js';
import { macOf } from './mac.js';
import { newMetadata } from './new-metadata.js';
import type { OrderedObject } from './ordered-value.js';
import { markSecrets, sealedSuffix } from './sealed-names.js';

/** A configuration that is to be sealed: without its nonsensitive fields. */
export type SealRequest = {
  /** Its schema, annotated with what is secret. */
  schema: TSchema;
  /** Its secrets in clear, under their own names. */
  config: OrderedObject;
  /** What messages call it. */
  label: string;
};

/** Who seals configurations: with keys of its own, or a service that has them. */
export interface Sealer {
  /**
   * The configuration with its secrets encrypted under names that end with `_sops`, and a section `sops` behind them: its order
   * and everything that is not secret as they were. Rejects with a `SecretsError`.
   */
  seal(request: SealRequest): Promise<OrderedObject>;
}

/** How every configuration is sealed. */
export const sealRule = { encryptedSuffix: sealedSuffix };

/**
 * Seals for age recipients, each of whom can open it alone.
 */
export function ageSealer({
  recipients,
  now = Date.now,
}: {
  /** `age1…`, at least one. They are looked at when something is sealed. */
  recipients: readonly string[];
  /** Milliseconds since the Unix epoch. Undefined: by the clock of this machine. */
  now?: () => number;
}): Sealer {
  return {
    async seal({ schema, config, label }) {
      const { dataKey, lastModified, section } = await newMetadata({ recipients, rule: sealRule, now: now() });
      const marked = markSecrets(SchemaLocation.of(schema), config);
      const encrypted = encryptLeaves(marked, sealRule, dataKey, label);
      return new Map([...encrypted, ['sops', section(encryptLeaf(macOf(marked), dataKey, lastModified))]]);
    },
  };
}
