import { type Egress, egressGuard, isRegistryError } from '@aftercommit/registry';
import { UsageError } from '../errors/usage-error.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { KindOptions } from './kind-options.js';

/** The same as `--egress-proxy`, for a proxy with a password: everybody on a machine can see arguments. */
const proxyVariable = 'AFTERCOMMIT_EGRESS_PROXY';

/**
 * What the operator lets triggers reach. A spec cannot widen it: nothing of one is looked at.
 *
 * @throws UsageError when an option means nothing.
 */
export function operatorEgress(
  { egress: reach, egressAllow: allow, egressProxy }: KindOptions,
  env: CommandLineIo['env'],
): Egress {
  const proxy = egressProxy ?? (env[proxyVariable] || undefined);
  try {
    return egressGuard({ ...(reach && { reach }), ...(allow && { allow }), ...(proxy !== undefined && { proxy }) });
  } catch (error) {
    if (!isRegistryError(error)) throw error;
    throw new UsageError(`${error.code}: ${error.message}`, { cause: error });
  }
}
