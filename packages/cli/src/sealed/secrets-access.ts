import { homedir } from 'node:os';
import { findAgeKeys, type KeySource, type SopsCommand, sopsCommand } from '@aftercommit/secrets';
import type { CommandLineIo } from '../command-line-io.js';

/** How a command opens what is sealed. */
export type SecretsAccess = {
  /**
   * `never`: sealed configurations are looked at from outside. `where a key fits`: their seals are verified, where one is at
   * hand. `always`: one that cannot be opened is an error.
   */
  opens: 'never' | 'where a key fits' | 'always';
  keySources: readonly KeySource[];
  /** Asked where no key source opens a document. Undefined: nobody. */
  sopsCommand: SopsCommand | undefined;
};

/** For commands that need no secret. */
export const noAccess: SecretsAccess = { opens: 'never', keySources: [], sopsCommand: undefined };

/**
 * The age keys of this machine, as sops finds them.
 *
 * @param program The `sops` command, for what only that can open. Undefined: it is not asked.
 */
export async function secretsAccess(
  opens: 'where a key fits' | 'always',
  { env }: Pick<CommandLineIo, 'env'>,
  program: string | undefined,
): Promise<SecretsAccess> {
  const keySources = await findAgeKeys({ env, home: env['HOME'] ?? homedir(), platform: process.platform });
  return { opens, keySources, sopsCommand: program === undefined ? undefined : sopsCommand({ program, env }) };
}
