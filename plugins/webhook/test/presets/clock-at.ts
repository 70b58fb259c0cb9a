import type { Clock } from '@aftercommit/registry';
import { ManualClock } from '@aftercommit/testkit';

/** A clock that stands at an instant, in milliseconds since the Unix epoch. */
export function clockAt(instant: number): Clock {
  return new ManualClock(instant);
}
