import { SecretsError } from './secrets-error.js';

/** Which leaves of a document are encrypted: one of these, each looked for in every name on the way to a leaf. */
export type EncryptionRule =
  | { encryptedSuffix: string }
  | { unencryptedSuffix: string }
  | { encryptedRegex: string }
  | { unencryptedRegex: string };

/** What sops takes for the rule of a document that names none. */
export const defaultRule: EncryptionRule = { unencryptedSuffix: '_unencrypted' };

/**
 * Tells of the names on the way to a leaf whether it is encrypted.
 *
 * @throws SecretsError `SECRETS_UNSUPPORTED` for an expression that JavaScript cannot read.
 */
export function encryptionTest(rule: EncryptionRule, label: string): (path: readonly string[]) => boolean {
  if ('encryptedSuffix' in rule) return (path) => path.some((name) => name.endsWith(rule.encryptedSuffix));
  if ('unencryptedSuffix' in rule) return (path) => !path.some((name) => name.endsWith(rule.unencryptedSuffix));
  const source = 'encryptedRegex' in rule ? rule.encryptedRegex : rule.unencryptedRegex;
  const expression = regularExpression(source, label);
  const matches = (path: readonly string[]): boolean => path.some((name) => expression.test(name));
  return 'encryptedRegex' in rule ? matches : (path) => !matches(path);
}

/** sops has those of Go, which are the same but for the flags that they may begin with. */
function regularExpression(source: string, label: string): RegExp {
  const [, flags = '', rest = source] = source.match(/^\(\?([ims]+)\)(.*)$/s) ?? [];
  try {
    return new RegExp(rest, `u${[...new Set(flags)].join('')}`);
  } catch {
    throw new SecretsError(
      'SECRETS_UNSUPPORTED',
      `${label} says with an expression what is encrypted, and JavaScript cannot read that one. Open it with the sops command.`,
    );
  }
}
