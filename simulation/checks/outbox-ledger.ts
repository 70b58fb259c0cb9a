import type { Sightings } from '../sightings.js';
import type { AppliedWrite } from '../world/disk.js';
import type { WallClock } from '../world/wall-clock.js';
import { noteArrivals } from './arrivals.js';
import type { Books, Entry } from './books.js';
import { checkGiven, checkSettled, noteCommit } from './commit-writes.js';
import type { Commits } from './commits.js';
import type { Deliveries } from './deliveries.js';
import { noteDepartures, noteParked } from './departures.js';
import type { Holders } from './holders.js';
import { checkLastFired, noteLastFired, noteTake } from './intervals.js';
import type { Held, LedgerOutbox } from './ledger-outbox.js';
import { checkBounds } from './outbox-bounds.js';
import { outboxChanges } from './outbox-changes.js';
import { checkNames, noteOutbox, noteRemoval } from './outbox-life.js';
import { requestsIn } from './requests.js';
import { noteRound } from './rounds.js';
import { StoredRecords } from './stored-records.js';
import { noteUnions } from './unions.js';

/**
 * Keeps books of what is in which outbox, from nothing but the writes that became durable, and asks of each what entitles
 * it: I3, I6, I9, and the part of I1 and I4 that can be seen there.
 */
export class OutboxLedger {
  readonly #holders: Holders;
  readonly #books: Books;
  readonly #records = new StoredRecords();

  constructor(given: {
    commits: Commits;
    deliveries: Deliveries;
    holders: Holders;
    wall: WallClock;
    sightings: Sightings;
  }) {
    const { commits, deliveries, holders, wall, sightings } = given;
    const empty = { outboxes: new Map(), outboxOfKey: new Map(), dropped: new Map(), cleared: new Set<string>() };
    this.#holders = holders;
    this.#books = { commits, deliveries, wall, sightings, ...empty };
  }

  get outboxes(): LedgerOutbox[] {
    return [...this.#books.outboxes.values()];
  }

  /** What a person wanted to be dropped. */
  get dropped(): Held[] {
    return [...this.#books.dropped.values()];
  }

  /** Whether the window with this key was delivered and cleared. */
  wasCleared(idempotencyKey: string): boolean {
    return this.#books.cleared.has(idempotencyKey);
  }

  /** The window with this key, where it waits, and whether it is the first there. Undefined: none waits. */
  waiting(idempotencyKey: string): { held: Held; outbox: LedgerOutbox; isFirst: boolean } | undefined {
    const { outboxes, outboxOfKey } = this.#books;
    const outbox = outboxes.get(outboxOfKey.get(idempotencyKey) ?? '');
    if (outbox === undefined) return undefined;
    const places = [...outbox.windows.keys()].sort();
    const place = places.find((one) => outbox.windows.get(one)?.idempotencyKey === idempotencyKey);
    const held = place === undefined ? undefined : outbox.windows.get(place);
    return held === undefined ? undefined : { held, outbox, isFirst: place === places[0] };
  }

  /** Whether a delivery of this key is set aside. */
  isParked(idempotencyKey: string): boolean {
    return this.outboxes.some(({ parked }) =>
      [...parked.values()].some((held) => held.idempotencyKey === idempotencyKey),
    );
  }

  written(write: AppliedWrite): void {
    const session = this.#holders.writing(write.owner);
    // A session that is about to advise writes nothing, to see whether it is fenced.
    if (write.changes.size === 0) return;
    const isOpening = !session.hasReconciled;
    session.hasReconciled = true;
    this.#records.note(write);
    const partnersBefore = this.outboxes.filter(({ hasPartner }) => hasPartner).map(({ id }) => id);
    const committed = noteCommit(write, session, this.#books);
    const requests = requestsIn(write);
    for (const [id, changes] of outboxChanges(write)) {
      this.#enter({ id, changes, write, session, isOpening, committed, requests });
    }
    if (isOpening) checkLastFired(session, this.#books);
    checkNames(this.#books);
    if (committed === undefined) return;
    if (!isOpening) checkSettled(committed, session, this.#books);
    const hadPartner = ({ id }: LedgerOutbox): boolean => isOpening && partnersBefore.includes(id);
    checkGiven(
      committed,
      this.outboxes.filter((outbox) => outbox.hasPartner || hadPartner(outbox)),
    );
  }

  /** In this order: what was united or parked has left, and what was replayed is back, before anybody asks where it is. */
  #enter(entry: Entry): void {
    const books = this.#books;
    const outbox = noteOutbox(entry, books);
    noteUnions(outbox, entry, books);
    noteArrivals(outbox, entry, books);
    noteDepartures(outbox, entry, books);
    noteParked(outbox, entry, books);
    noteTake(outbox, entry, books);
    noteRound(outbox, entry, books);
    noteLastFired(outbox, entry);
    noteRemoval(outbox, entry, books);
    checkBounds(outbox, books.sightings);
  }
}
