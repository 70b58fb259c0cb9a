/**
 * - `SECRETS_DOCUMENT_INVALID`: the text cannot be read as one document without doubt.
 * - `SECRETS_NOT_SEALED`: it has no `sops` section.
 * - `SECRETS_ALREADY_SEALED`: it has one already, and was to be sealed.
 * - `SECRETS_METADATA_INVALID`: its `sops` section cannot be read.
 * - `SECRETS_UNSUPPORTED`: it was sealed in a way that is not read here.
 * - `SECRETS_VALUE_UNSUPPORTED`: a value or a name cannot be sealed so that every release of sops reads it back.
 * - `SECRETS_KEY_INVALID`: an identity or a recipient is none.
 * - `SECRETS_NO_KEY`: no key at hand opens it.
 * - `SECRETS_CORRUPT`: a ciphertext is not what was written at its place.
 * - `SECRETS_MAC_MISMATCH`: something outside of the ciphertexts was changed after sealing.
 * - `SECRETS_SHAPE`: a secret is not sealed, or something is sealed that is no secret.
 * - `SECRETS_AMBIGUOUS`: the seal does not say which trigger each secret belongs to.
 * - `SECRETS_CONFIG_INVALID`: what is inside breaks the schema.
 * - `SECRETS_KIND_UNKNOWN`: a trigger is of a kind that is not registered.
 * - `SECRETS_NAME_INVALID`: a trigger has no name, no legal one, or another's.
 * - `SECRETS_COMMAND_FAILED`: the sops command could not be run, or failed for a reason of its own.
 * - `SECRETS_SERVICE_FAILED`: the encryption service could not be reached, or refused.
 * - `SECRETS_SERVICE_ANSWER`: the encryption service answered something else than the sealed configuration.
 */
export type SecretsErrorCode =
  | 'SECRETS_DOCUMENT_INVALID'
  | 'SECRETS_NOT_SEALED'
  | 'SECRETS_ALREADY_SEALED'
  | 'SECRETS_METADATA_INVALID'
  | 'SECRETS_UNSUPPORTED'
  | 'SECRETS_VALUE_UNSUPPORTED'
  | 'SECRETS_KEY_INVALID'
  | 'SECRETS_NO_KEY'
  | 'SECRETS_CORRUPT'
  | 'SECRETS_MAC_MISMATCH'
  | 'SECRETS_SHAPE'
  | 'SECRETS_AMBIGUOUS'
  | 'SECRETS_CONFIG_INVALID'
  | 'SECRETS_KIND_UNKNOWN'
  | 'SECRETS_NAME_INVALID'
  | 'SECRETS_COMMAND_FAILED'
  | 'SECRETS_SERVICE_FAILED'
  | 'SECRETS_SERVICE_ANSWER';

/** What an error says beyond its message, for programs. */
export type SecretsErrorDetails = {
  /** Where in the document: a JSON pointer. Undefined: nowhere in particular. */
  pointer?: string;
  /** Who could open the document. Undefined: that was not the question. */
  recipients?: readonly string[];
  /** The secrets that somebody without a key must enter again. Undefined: that was not the question. */
  enterAgain?: ReadonlyArray<SecretPlace>;
};

/** Where a secret stands. */
export type SecretPlace = {
  /** The trigger's name; undefined: it stands in a list without one, or in no trigger. */
  trigger?: string;
  /** The secret: a JSON pointer into the document, with the names that fields have unsealed. */
  pointer: string;
};

const marker = Symbol.for('aftercommit.SecretsError');

/** What keeps a document from being sealed or unsealed. Never holds a secret: no value of a document, and no key. */
export class SecretsError extends Error {
  /** What went wrong, for programs. */
  readonly code: SecretsErrorCode;
  /** Where in the document: a JSON pointer. Undefined: nowhere in particular. */
  readonly pointer: string | undefined;
  /** Who could open the document. Undefined: that was not the question. */
  readonly recipients: readonly string[] | undefined;
  /** The secrets that somebody without a key must enter again. Undefined: that was not the question. */
  readonly enterAgain: ReadonlyArray<SecretPlace> | undefined;
  /** What `isSecretsError` looks for. */
  readonly [marker] = true;

  /** With a message that says what happened, to what, and what to do. */
  constructor(code: SecretsErrorCode, message: string, { pointer, recipients, enterAgain }: SecretsErrorDetails = {}) {
    // No cause: what libraries and commands say of a document can quote it (I8).
    super(message);
    this.name = 'SecretsError';
    this.code = code;
    this.pointer = pointer;
    this.recipients = recipients;
    this.enterAgain = enterAgain;
  }
}

/** Recognises a `SecretsError`, also one of another copy of this package. */
export function isSecretsError(error: unknown): error is SecretsError {
  return typeof error === 'object' && error !== null && marker in error;
}
