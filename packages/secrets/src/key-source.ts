/** The data key of a document, or one share of it, as one of those who may open the document can unwrap it. */
export type WrappedKey = {
  /** The section of `sops` in which it stands: `age`, `kms`, `gcp_kms`, `azure_kv`, `hc_vault`, `pgp` or a later one. */
  type: string;
  /** Who can unwrap it, for people: an age recipient, an ARN, a fingerprint. */
  recipient: string;
  /** What is wrapped, as it is written: for age an armored file. */
  enc: string;
  /** Every field of its entry that is a text, such as `arn`, `role` or `vault_url`. */
  fields: ReadonlyMap<string, string>;
};

/** Something that can unwrap data keys: identities of age, a key management service. */
export interface KeySource {
  /** Where the key is, for people: `SOPS_AGE_KEY`, a path. Never the key. */
  readonly description: string;
  /**
   * The data key (or the share of it). Undefined: this source has no key for it. Rejecting means that it may have one and
   * could not use it: the message of a `SecretsError` is shown, that of any other error is not.
   */
  unwrap(key: WrappedKey): Promise<Uint8Array | undefined>;
}
