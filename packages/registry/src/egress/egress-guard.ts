import { lookup } from 'node:dns';
import type { Egress } from '../trigger-kind.js';

/** What the operator lets triggers reach. */
export function egressGuard(): Egress {
  return { refusal: () => undefined, lookup };
}
