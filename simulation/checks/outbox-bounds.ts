import type { Sightings } from '../sightings.js';
import type { LedgerOutbox } from './ledger-outbox.js';
import { assertThat } from './violation.js';

/** Beyond 100 windows are united, by a write that commits may overtake while the file is busy. */
const mostWindows = 200;
export const mostParked = 1_000;
/** What was replayed stays alone, and is tried before what came later: one of that was parked meanwhile at most. */
const mostSetAside = 1_001;

/** I9: what waits in an outbox, and what is parked, stays within its limits. */
export function checkBounds({ name, windows, parked }: LedgerOutbox, sightings: Sightings): void {
  const replayed = [...windows.values()].filter(({ wasReplayed }) => wasReplayed).length;
  const waiting = windows.size - replayed;
  assertThat(waiting <= mostWindows, 'I9', () => `outbox "${name}" holds ${waiting} windows`);
  assertThat(parked.size <= mostParked, 'I9', () => `outbox "${name}" has parked ${parked.size}`);
  if (waiting >= 100) sightings.saw('backlog at its limit');
  if (parked.size === mostParked) sightings.saw('parked at their limit');
  const setAside = parked.size + replayed;
  assertThat(setAside <= mostSetAside, 'I9', () => `outbox "${name}" has set ${setAside} aside`);
}
