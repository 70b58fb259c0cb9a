import type { AppliedWrite } from '../world/disk.js';
import { assertThat } from './violation.js';

/** How many keys a task may have, by what they begin with; of an outbox, in each. */
const most: Readonly<Record<string, number>> = {
  commit: 1,
  committed: 1_000,
  'connector-state': 1,
  'last-run': 1,
  'last-outbox': 1,
  delivery: 1,
  'last-fired': 1,
  about: 1,
  done: 1_000,
};

/** I9: counts what is stored for a task. Windows and what is parked have limits that depend on what is replayed. */
export class StoredRecords {
  readonly #counts = new Map<string, number>();

  note({ changes }: AppliedWrite): void {
    for (const [key, { before, after }] of changes) {
      if ((before === undefined) === (after === undefined)) continue;
      const { place } = placeOf(key);
      const count = (this.#counts.get(place) ?? 0) + (after === undefined ? -1 : 1);
      this.#counts.set(place, count);
    }
    for (const key of changes.keys()) {
      const { place, kind } = placeOf(key);
      const count = this.#counts.get(place) ?? 0;
      const isBounded = count <= (most[kind] ?? Number.POSITIVE_INFINITY);
      assertThat(isBounded, 'I9', () => `${count} keys are kept under ${place}`);
    }
  }
}

function placeOf(key: string): { place: string; kind: string } {
  const [root = '', id = '', part = ''] = key.split('/');
  if (root === 'outbox') return { place: `outbox/${id}/${part}`, kind: part };
  return { place: root === 'done' ? `done/${id}` : root, kind: root };
}
