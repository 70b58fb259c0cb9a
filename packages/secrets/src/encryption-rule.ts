import { SecretsError } from './secrets-error.js';

/** Which leaves of a document are encrypted: one of these, each looked for in every name on the way to a leaf. */
export type EncryptionRule =
  | {
      /** What is under a name that ends with it is encrypted, and nothing else. */
      encryptedSuffix: string;
    }
  | {
      /** Everything but what is under a name that ends with it is encrypted. */
      unencryptedSuffix: string;
    }
  | {
      /** What is under a name in which this expression of Go is found is encrypted, and nothing else. */
      encryptedRegex: string;
    }
  | {
      /** Everything but what is under a name in which this expression of Go is found is encrypted. */
      unencryptedRegex: string;
    };

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

/** Flags that an expression of Go may begin with. */
const leadingFlags = /^\(\?([ims]+)\)(.*)$/s;
/** What JavaScript reads otherwise than Go does: more counts as a space there. */
const readDifferently = /\\[sS]/;
/** Escapes, classes, and the dot between them. */
const escapeClassOrDot = /\\.|\[(?:\\.|[^\]\\])*\]|\./gs;

/** sops has the expressions of Go, whose dot stands for everything but a line feed. */
function regularExpression(source: string, label: string): RegExp {
  const [, flags = '', rest = source] = source.match(leadingFlags) ?? [];
  try {
    if (readDifferently.test(rest)) throw new SyntaxError('Spaces are others in Go');
    const isEverything = flags.includes('s');
    const translated = rest.replace(escapeClassOrDot, (part) => (part === '.' && !isEverything ? '[^\\n]' : part));
    return new RegExp(translated, `u${[...new Set(flags)].join('')}`);
  } catch {
    throw new SecretsError(
      'SECRETS_UNSUPPORTED',
      `${label} says with an expression what is encrypted, and JavaScript cannot read that one. Open it with the sops command.`,
    );
  }
}
