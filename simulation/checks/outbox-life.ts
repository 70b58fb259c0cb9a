import type { OutboxRecord } from '@aftercommit/persistence/records';
import type { Sightings } from '../sightings.js';
import type { Books, Entry } from './books.js';
import { type LedgerOutbox, newOutbox } from './ledger-outbox.js';
import { isRemoved } from './outbox-changes.js';
import { isGivenUp } from './requests.js';
import { assertThat } from './violation.js';

/** The outbox that an entry is about: it begins with what says whose it is, which may change. */
export function noteOutbox({ id, changes }: Entry, { outboxes, sightings }: Books): LedgerOutbox {
  const known = outboxes.get(id);
  const about = changes.about?.after;
  assertThat(known !== undefined || about !== undefined, 'records', () => `outbox ${id} does not say whose it is`);
  const outbox = known ?? newOutbox(id);
  if (about !== undefined) {
    noteTurn(outbox, about, known !== undefined, sightings);
    Object.assign(outbox, { name: about.name, hasPartner: about.hasPartner });
  }
  outboxes.set(id, outbox);
  return outbox;
}

function noteTurn(outbox: LedgerOutbox, about: OutboxRecord, isKnown: boolean, sightings: Sightings): void {
  if (!isKnown) sightings.saw('outbox begun');
  else if (outbox.name !== about.name) sightings.saw('outbox renamed');
  if (outbox.hasPartner && !about.hasPartner) sightings.saw('outbox without partner');
  if (isKnown && !outbox.hasPartner && about.hasPartner) sightings.saw('outbox with a partner again');
}

/** I3: an outbox goes when it is empty, or a person gave it up. */
export function noteRemoval(outbox: LedgerOutbox, { changes, requests }: Entry, { outboxes, sightings }: Books): void {
  if (!isRemoved(changes)) return;
  outboxes.delete(outbox.id);
  sightings.saw(isGivenUp(requests) ? 'outbox dropped' : 'outbox removed empty');
  const isEmpty = outbox.windows.size === 0 && outbox.parked.size === 0;
  assertThat(isEmpty || isGivenUp(requests), 'I3', () => `outbox "${outbox.name}" was removed with what it held`);
}

export function checkNames({ outboxes }: Books): void {
  const names = new Set<string>();
  for (const { name } of outboxes.values()) {
    assertThat(!names.has(name), 'records', () => `two outboxes are called "${name}"`);
    names.add(name);
  }
}
