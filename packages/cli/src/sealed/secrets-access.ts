import { homedir } from 'node:os';
import type { KeySource, SopsCommand } from '@aftercommit/secrets';
import type { CommandLineIo } from '../terminal/command-line-io.js';

/** How a command opens what is sealed. */
export type SecretsAccess = {
  /**
   * `never`: sealed configurations are looked at from outside. `where a key fits`: their seals are verified, where one is at
   * hand. `always`: one that cannot be opened is an error.
   */
  opens: 'never' | 'where a key fits' | 'always';
  /** Looks for keys when something is sealed. */
  keys(): Promise<Keys>;
};

/** What opens a document: key sources, and the `sops` command where none of them does. */
export type Keys = { keySources: readonly KeySource[]; sopsCommand?: SopsCommand };

/** For commands that need no secret. */
export const noAccess: SecretsAccess = { opens: 'never', keys: async () => ({ keySources: [] }) };

/**
 * The age keys of this machine, as sops finds them.
 *
 * @param program The `sops` command, for what only that can open. Undefined: it is not asked.
 */
export function secretsAccess(
  opens: 'where a key fits' | 'always',
  { env }: Pick<CommandLineIo, 'env'>,
  program: string | undefined,
): SecretsAccess {
  return {
    opens,
    async keys() {
      // Not before it is needed: reading it takes as long as a short run.
      const { findAgeKeys, sopsCommand } = await import('@aftercommit/secrets');
      const keySources = await findAgeKeys({ env, home: env['HOME'] ?? homedir(), platform: process.platform });
      return program === undefined ? { keySources } : { keySources, sopsCommand: sopsCommand({ program, env }) };
    },
  };
}
