export { ageKeySource } from './age-key-source.js';
export { type DecryptOptions, decryptDocument } from './decrypt-document.js';
export { type EncryptOptions, encryptDocument } from './encrypt-document.js';
export type { EncryptionRule } from './encryption-rule.js';
export { type AgeKeySurroundings, findAgeKeys } from './find-age-keys.js';
export type { KeySource, WrappedKey } from './key-source.js';
export type { OrderedObject, OrderedValue } from './ordered-value.js';
export type { DocumentFormat } from './sealed-document.js';
export {
  isSecretsError,
  type SecretPlace,
  SecretsError,
  type SecretsErrorCode,
  type SecretsErrorDetails,
} from './secrets-error.js';
