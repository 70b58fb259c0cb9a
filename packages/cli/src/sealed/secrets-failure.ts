import { isSecretsError } from '@aftercommit/secrets';
import { exitCodes } from '../exit-code.js';
import type { Output } from '../terminal/output.js';

/** The exit code of the work, or, when something is wrong with what is sealed, 1 after saying so. */
export async function saySecretsError(stderr: Output, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!isSecretsError(error)) throw error;
    stderr.line(`${error.code}: ${error.message}`);
    return exitCodes.failed;
  }
}
