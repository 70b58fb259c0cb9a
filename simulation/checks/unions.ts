import type { Books, Entry } from './books.js';
import type { LedgerOutbox } from './ledger-outbox.js';
import { assertThat } from './violation.js';

/** A window that was there gets more content, of others that leave in the same write. */
export function noteUnions(outbox: LedgerOutbox, { changes }: Entry, { deliveries, sightings }: Books): void {
  const grown = changes.windows.filter(({ before, after }) => before !== undefined && after !== undefined);
  for (const { place, before, after } of grown) {
    const held = outbox.windows.get(place);
    if (before === undefined || after === undefined || held === undefined) continue;
    const key = held.idempotencyKey;
    assertThat(after.idempotencyKey === key, 'I4', () => `the key of window ${place} was changed`);
    if (JSON.stringify(before.window) === JSON.stringify(after.window)) continue;
    const gone = changes.windows.filter((one) => one.after === undefined && one.place > place);
    const united = [held, ...gone.flatMap((one) => outbox.windows.get(one.place) ?? [])];
    sightings.saw('window united', gone.length);
    const docs = united.reduce((sum, one) => sum + one.docs, 0);
    const bytes = united.reduce((sum, one) => sum + one.bytes, 0);
    const { docs_total, bytes_total } = after.window;
    assertThat(
      docs === docs_total && bytes === bytes_total,
      'I3',
      () => `window ${place} is no union of those that left`,
    );
    for (const one of united) {
      const wasTried = deliveries.wasAttempted(one.idempotencyKey);
      assertThat(!wasTried, 'I4', () => `${one.idempotencyKey} was attempted, and united after that`);
    }
    const last = united.at(-1)?.members.at(-1);
    assertThat(after.through === last, 'evidence', () => `window ${place} goes to ${last}, and says ${after.through}`);
    for (const one of gone) outbox.windows.delete(one.place);
    outbox.windows.set(place, { ...held, members: united.flatMap(({ members }) => members), docs, bytes });
  }
}
