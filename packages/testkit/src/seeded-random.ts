import { createHash } from 'node:crypto';
import type { Random } from '@aftercommit/registry';

/** Randomness that is the same for every run with the same seed. Not for secrets. */
export function seededRandom(seed: number | string): Random {
  let drawn = 0;
  const next = (): Buffer => {
    drawn += 1;
    return createHash('sha256').update(`${seed}/${drawn}`).digest();
  };
  return {
    fraction: () => next().readUIntBE(0, 6) / 2 ** 48,
    id: () => next().toString('hex', 0, 16),
  };
}
