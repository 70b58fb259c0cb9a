export { ageRecipientOf, newAgeIdentity } from './age-identity.js';
export { ageKeySource } from './age-key-source.js';
export { type DecryptOptions, decryptDocument } from './decrypt-document.js';
export { type EncryptOptions, encryptDocument } from './encrypt-document.js';
export type { EncryptionRule } from './encryption-rule.js';
export { type EncryptionServiceOptions, encryptionServiceSealer } from './encryption-service.js';
export { type AgeKeySurroundings, findAgeKeys } from './find-age-keys.js';
export { type Inspected, type InspectOptions, inspectSealedConfig, inspectSealedTriggers } from './inspect-sealed.js';
export type { KeySource, WrappedKey } from './key-source.js';
export type { UnsealOptions } from './open-config.js';
export { type OrderedObject, type OrderedValue, toPlain } from './ordered-value.js';
export { type ResealOptions, resealTriggers } from './reseal-triggers.js';
export { type Sealed, type SealOptions, sealConfig } from './seal-config.js';
export { type SealTriggersOptions, sealTriggers } from './seal-triggers.js';
export type { DocumentFormat } from './sealed-document.js';
export { sealedFor } from './sealed-for.js';
export { ageSealer, type Sealer, type SealRequest } from './sealer.js';
export {
  isSecretsError,
  type SecretPlace,
  SecretsError,
  type SecretsErrorCode,
  type SecretsErrorDetails,
} from './secrets-error.js';
export { type SopsCommand, type SopsCommandOptions, sopsCommand } from './sops-command.js';
export { unsealConfig } from './unseal-config.js';
export { type UnsealTriggersOptions, unsealTriggers } from './unseal-triggers.js';
export { writeDocument } from './write-document.js';
