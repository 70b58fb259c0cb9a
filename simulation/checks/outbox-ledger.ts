import type { Json } from '@aftercommit/models';
import {
  type CommitRecord,
  type DeliveryRecord,
  type LastFiredRecord,
  type OutboxRecord,
  type OutboxRequest,
  type ParkedRecord,
  readOutboxRequest,
  type WindowRecord,
} from '@aftercommit/persistence/records';
import type { Sightings } from '../sightings.js';
import type { AppliedWrite, DiskWitness } from '../world/disk.js';
import type { Scheduler } from '../world/scheduler.js';
import type { WallClock } from '../world/wall-clock.js';
import type { Attempts } from './attempts.js';
import type { Commits } from './commits.js';
import type { Session } from './session.js';
import { StoredRecords } from './stored-records.js';
import { assertThat } from './violation.js';

/** A window in an outbox, or parked. */
export type Held = {
  outboxId: string;
  idempotencyKey: string;
  runId: string;
  /** The run ids of the commits whose union it is. */
  members: readonly string[];
  docs: number;
  bytes: number;
  wasReplayed: boolean;
};

/** An outbox, as the writes say. */
export type LedgerOutbox = {
  id: string;
  name: string;
  hasPartner: boolean;
  /** By their places. */
  windows: Map<string, Held>;
  /** By their run ids. */
  parked: Map<string, Held>;
  /** When its lane last asked to take what waits, in milliseconds since the world began. */
  takenAtMs: number | undefined;
  /** How its delivery stands, and when that was written, in milliseconds since the world began. */
  delivery: { record: DeliveryRecord; notedAtMs: number } | undefined;
  /** When it last took something, by the wall clock, as it is stored. */
  lastFiredAt: number | undefined;
};

/** Beyond 100 windows are united, by a write that commits may overtake while the file is busy. */
const mostWindows = 200;
const mostParked = 1_000;
/** What was replayed stays alone, and is tried before what came later: one of that was parked meanwhile at most. */
const mostSetAside = 1_001;

/** A batch's changes to one outbox. */
type OutboxChanges = {
  windows: Array<{ place: string; before: WindowRecord | undefined; after: WindowRecord | undefined }>;
  parked: Array<{ runId: string; before: ParkedRecord | undefined; after: ParkedRecord | undefined }>;
  about: { before: OutboxRecord | undefined; after: OutboxRecord | undefined } | undefined;
  delivery: { before: DeliveryRecord | undefined; after: DeliveryRecord | undefined } | undefined;
  lastFired: { after: LastFiredRecord | undefined } | undefined;
  /** Run ids of deliveries of which it is written how they ended. */
  done: Set<string>;
};

/**
 * Keeps books of what is in which outbox, from nothing but the writes that became durable, and asks of each what entitles
 * it: I3, I6, I9, and the part of I1 and I4 that can be seen there.
 */
export class OutboxLedger implements DiskWitness {
  readonly #commits: Commits;
  readonly #attempts: Attempts;
  readonly #scheduler: Scheduler;
  readonly #wall: WallClock;
  readonly #sightings: Sightings;
  readonly #records = new StoredRecords();
  readonly #sessions = new Map<string, Session>();
  readonly #outboxes = new Map<string, LedgerOutbox>();
  /** Where each idempotency key was seen. */
  readonly #outboxOfKey = new Map<string, string>();
  /** Keys that a person wanted to be dropped. */
  readonly dropped = new Map<string, Held>();
  /** Keys whose windows were cleared. */
  readonly cleared = new Set<string>();
  #holder = '';

  constructor(given: {
    commits: Commits;
    attempts: Attempts;
    scheduler: Scheduler;
    wall: WallClock;
    sightings: Sightings;
  }) {
    this.#commits = given.commits;
    this.#attempts = given.attempts;
    this.#scheduler = given.scheduler;
    this.#wall = given.wall;
    this.#sightings = given.sightings;
  }

  /** A session is about to open the task under this token. */
  noteOwner(owner: string, session: Session): void {
    session.owner = owner;
    session.openedAtMs = this.#scheduler.nowMs;
    for (const { name, inFlight } of session.after) {
      const what = (): string => `${session.name} opens the task while ${inFlight} attempts of ${name} are in flight`;
      assertThat(inFlight === 0, 'I7', what);
    }
    // It opens the task a second time when the endpoint has seen a later session than the store.
    session.hasReconciled = false;
    this.#sessions.set(owner, session);
  }

  opened(owner: string): void {
    this.#holder = owner;
    this.#attempts.noteHandover(this.#sessions.get(owner));
  }

  openingLost(before: string): void {
    const session = this.holder;
    if (session !== undefined) session.hasLostOpening = true;
    this.#holder = before;
    // It may have been fenced, and told so, while another one had the task.
    const holder = this.holder;
    if (holder !== undefined) holder.hasLostOpening = true;
  }

  /** The session whose opening was the last. Undefined: there was none. */
  get holder(): Session | undefined {
    return this.#sessions.get(this.#holder);
  }

  get outboxes(): LedgerOutbox[] {
    return [...this.#outboxes.values()];
  }

  /** The window with this key, where it waits, and whether it is the first there. Undefined: none waits. */
  waiting(idempotencyKey: string): { held: Held; outbox: LedgerOutbox; isFirst: boolean } | undefined {
    const outbox = this.#outboxes.get(this.#outboxOfKey.get(idempotencyKey) ?? '');
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
    const session = this.#sessions.get(write.owner);
    assertThat(write.owner === this.#holder && session !== undefined, 'I6', () => 'a fenced session has written');
    // A session that is about to advise writes nothing, to see whether it is fenced.
    if (write.changes.size === 0) return;
    const isOpening = !session.hasReconciled;
    session.hasReconciled = true;
    this.#records.note(write);
    const partnersBefore = this.outboxes.filter(({ hasPartner }) => hasPartner).map(({ id }) => id);
    const committed = this.#noteCommit(write, session);
    const requests = requestsIn(write);
    for (const [id, changes] of outboxChanges(write)) {
      this.#note({ id, changes, write, session, isOpening, committed, requests });
    }
    if (isOpening) this.#checkLastFired(session);
    this.#checkNames();
    if (committed === undefined) return;
    if (!isOpening) this.#checkSettled(committed, session);
    for (const outbox of this.outboxes) {
      if (!outbox.hasPartner && !(isOpening && partnersBefore.includes(outbox.id))) continue;
      const isThere = [...outbox.windows.values()].some(({ members }) => members.includes(committed));
      assertThat(isThere, 'I1', () => `commit ${committed} gave no window to outbox "${outbox.name}"`);
    }
  }

  #checkSize({ name, windows, parked }: LedgerOutbox): void {
    const replayed = [...windows.values()].filter(({ wasReplayed }) => wasReplayed).length;
    const waiting = windows.size - replayed;
    assertThat(waiting <= mostWindows, 'I9', () => `outbox "${name}" holds ${waiting} windows`);
    assertThat(parked.size <= mostParked, 'I9', () => `outbox "${name}" has parked ${parked.size}`);
    if (waiting >= 100) this.#sightings.saw('backlog at its limit');
    if (parked.size === mostParked) this.#sightings.saw('parked at their limit');
    const setAside = parked.size + replayed;
    assertThat(setAside <= mostSetAside, 'I9', () => `outbox "${name}" has set ${setAside} aside`);
  }

  #noteCommit({ changes }: AppliedWrite, session: Session): string | undefined {
    for (const [key, { after }] of changes) {
      if (!key.startsWith('commit/') || after === undefined) continue;
      const { runtimeCheckpoint } = after as unknown as CommitRecord;
      const { transactionId, window } = runtimeCheckpoint;
      this.#sightings.saw('commit');
      if (window === null) {
        this.#sightings.saw('commit without documents');
        return undefined;
      }
      const configured = session.configuration.configuration.triggers.map(({ id }) => id);
      return this.#commits.noteStoreCommit(transactionId, window, configured).runId;
    }
    return undefined;
  }

  #note(entry: Entry): void {
    const { id, changes } = entry;
    const known = this.#outboxes.get(id);
    const about = changes.about?.after;
    const outbox: LedgerOutbox = known ?? {
      id,
      name: '',
      hasPartner: false,
      windows: new Map(),
      parked: new Map(),
      takenAtMs: undefined,
      delivery: undefined,
      lastFiredAt: undefined,
    };
    if (about !== undefined) this.#noteAbout(outbox, about, known !== undefined);
    if (about !== undefined) Object.assign(outbox, { name: about.name, hasPartner: about.hasPartner });
    assertThat(known !== undefined || about !== undefined, 'records', () => `outbox ${id} does not say whose it is`);
    this.#outboxes.set(id, outbox);
    this.#noteUnions(outbox, entry);
    this.#noteArrivals(outbox, entry);
    this.#noteDepartures(outbox, entry);
    this.#noteParked(outbox, entry);
    this.#noteTake(outbox, entry);
    this.#noteRound(outbox, entry);
    this.#noteLastFired(outbox, entry);
    if (changes.about?.before !== undefined && about === undefined) this.#noteRemoval(outbox, entry);
    this.#checkSize(outbox);
  }

  /** A window that was there gets more content, of others that leave in the same write. */
  #noteUnions(outbox: LedgerOutbox, { changes }: Entry): void {
    const grown = changes.windows.filter(({ before, after }) => before !== undefined && after !== undefined);
    for (const { place, before, after } of grown) {
      const held = outbox.windows.get(place);
      if (before === undefined || after === undefined || held === undefined) continue;
      const key = held.idempotencyKey;
      assertThat(after.idempotencyKey === key, 'I4', () => `the key of window ${place} was changed`);
      if (JSON.stringify(before.window) === JSON.stringify(after.window)) continue;
      const gone = changes.windows.filter((one) => one.after === undefined && one.place > place);
      const united = [held, ...gone.flatMap((one) => outbox.windows.get(one.place) ?? [])];
      this.#sightings.saw('window united', gone.length);
      const docs = united.reduce((sum, one) => sum + one.docs, 0);
      const bytes = united.reduce((sum, one) => sum + one.bytes, 0);
      const { docs_total, bytes_total } = after.window;
      assertThat(
        docs === docs_total && bytes === bytes_total,
        'I3',
        () => `window ${place} is no union of those that left`,
      );
      for (const one of united) {
        const wasTried = this.#attempts.wasAttempted(one.idempotencyKey);
        assertThat(!wasTried, 'I4', () => `${one.idempotencyKey} was attempted, and united after that`);
      }
      const last = united.at(-1)?.members.at(-1);
      assertThat(
        after.through === last,
        'evidence',
        () => `window ${place} goes to ${last}, and says ${after.through}`,
      );
      for (const one of gone) outbox.windows.delete(one.place);
      outbox.windows.set(place, { ...held, members: united.flatMap(({ members }) => members), docs, bytes });
    }
  }

  /** A window under a new place: the commit's, or one that was parked and a person had replayed. */
  #noteArrivals(outbox: LedgerOutbox, { changes, committed, requests }: Entry): void {
    for (const { place, before, after } of changes.windows) {
      if (before !== undefined || after === undefined) continue;
      const { idempotencyKey, window } = after;
      const elsewhere = this.#outboxOfKey.get(idempotencyKey);
      assertThat(
        elsewhere === undefined || elsewhere === outbox.id,
        'I3',
        () => `${idempotencyKey} is in two outboxes`,
      );
      this.#outboxOfKey.set(idempotencyKey, outbox.id);
      const parked = outbox.parked.get(window.run_id);
      const leaves = changes.parked.some((one) => one.runId === window.run_id && one.after === undefined);
      if (parked !== undefined && leaves && parked.idempotencyKey === idempotencyKey) {
        const isAsked = isWanted('replay', idempotencyKey, requests);
        assertThat(isAsked, 'I3', () => `${idempotencyKey} was replayed, and nobody wanted that`);
        this.#sightings.saw('window replayed');
        assertThat(parked.docs === window.docs_total, 'I4', () => `${idempotencyKey} was changed when it was replayed`);
        outbox.windows.set(place, { ...parked, wasReplayed: true });
        continue;
      }
      const commit = this.#commits.of(window.run_id);
      assertThat(committed === window.run_id && commit !== undefined, 'I2', () => `window ${place} is of no commit`);
      const { docs, bytes, runId } = commit;
      assertThat(
        docs === window.docs_total && bytes === window.bytes_total,
        'I4',
        () => `window ${place} is not its commit's`,
      );
      this.#sightings.saw(after.maybeSeen === true ? 'window adopted' : 'window added');
      // Whoever is given it when an endpoint's transaction is adopted counts as configured.
      outbox.windows.set(place, {
        outboxId: outbox.id,
        idempotencyKey,
        runId,
        members: [runId],
        docs,
        bytes,
        wasReplayed: false,
      });
    }
  }

  /** I3: a window leaves delivered, parked, or because a person gave its outbox up; what was united is gone already. */
  #noteDepartures(outbox: LedgerOutbox, { changes, session, requests }: Entry): void {
    for (const { place, after } of changes.windows) {
      const held = outbox.windows.get(place);
      if (after !== undefined || held === undefined) continue;
      outbox.windows.delete(place);
      const key = held.idempotencyKey;
      const parked = changes.parked.find((one) => one.after?.idempotencyKey === key)?.after;
      if (parked !== undefined) {
        const policy = session.configuration.withName(outbox.name)?.onFailure;
        assertThat(policy === 'park', 'I3', () => `${key} was parked, which nobody has configured`);
        assertThat(this.#attempts.wasAttempted(key), 'I3', () => `${key} was parked before any attempt`);
        assertThat(parked.window.docs_total === held.docs, 'I4', () => `${key} was changed when it was parked`);
        this.#checkParked(parked, outbox, held, session);
        outbox.parked.set(held.runId, held);
        this.#sightings.saw('window parked');
        continue;
      }
      if (changes.about?.after === undefined && changes.about?.before !== undefined && isGivenUp(requests)) {
        this.#sightings.saw('window dropped');
        this.dropped.set(key, held);
        continue;
      }
      const isDelivered = this.#attempts.wasAcceptanceRead(key, session);
      assertThat(isDelivered, 'I3', () => `${key} has left outbox "${outbox.name}", and this session delivered it not`);
      assertThat(changes.done.has(held.runId), 'evidence', () => `it is not written how ${key} ended`);
      this.cleared.add(key);
      this.#sightings.saw('window delivered');
    }
  }

  #noteParked(outbox: LedgerOutbox, { changes, requests }: Entry): void {
    for (const { runId, before, after } of changes.parked) {
      if (after !== undefined) {
        assertThat(outbox.parked.has(runId), 'I3', () => `something was parked under ${runId} that did not wait`);
        continue;
      }
      const held = outbox.parked.get(runId);
      if (before === undefined || held === undefined) continue;
      outbox.parked.delete(runId);
      const isBack = [...outbox.windows.values()].some(({ idempotencyKey }) => idempotencyKey === held.idempotencyKey);
      if (isBack) continue;
      const { idempotencyKey } = held;
      const isAsked = isWanted('drop', idempotencyKey, requests) || isGivenUp(requests);
      this.#sightings.saw('window dropped');
      assertThat(isAsked, 'I3', () => `${held.idempotencyKey} is parked no more, and nobody wanted that`);
      this.dropped.set(held.idempotencyKey, held);
    }
  }

  /** What waits for an interval is taken no earlier than that after the last time, unless the clock was set meanwhile. */
  #noteTake(outbox: LedgerOutbox, { changes, session, write, isOpening }: Entry): void {
    const { delivery } = changes;
    if (isOpening || delivery?.before !== undefined || delivery?.after === undefined) return;
    const intervalMs = session.configuration.withName(outbox.name)?.intervalMs;
    if (intervalMs === undefined || delivery.after.failingSinceAt !== null) return;
    this.#sightings.saw('window taken after an interval');
    const { takenAtMs } = outbox;
    outbox.takenAtMs = write.askedAtMs;
    if (takenAtMs === undefined || (this.#wall.lastSetAtMs ?? -1) >= takenAtMs) return;
    const passedMs = write.askedAtMs - takenAtMs;
    // The clock that is stored counts whole milliseconds.
    const isOver = passedMs >= intervalMs - 1;
    assertThat(isOver, 'interval', () => `"${outbox.name}" fired ${passedMs} ms after the last time, of ${intervalMs}`);
  }

  /** I3: parked when the round is over, and not before. */
  #checkParked(parked: ParkedRecord, outbox: LedgerOutbox, held: Held, session: Session): void {
    const trigger = session.configuration.withName(outbox.name);
    const key = held.idempotencyKey;
    const before = outbox.delivery?.record.attempts ?? 0;
    const isCounted = parked.attempts === before + 1 || before >= (trigger?.maxAttempts ?? 1);
    assertThat(isCounted, 'rounds', () => `${key} was parked after ${parked.attempts} attempts`);
    const isRejected = this.#attempts.lastRead(key, session)?.outcome === 'rejected';
    const isOver = isRejected || parked.attempts >= (trigger?.maxAttempts ?? 1);
    assertThat(isOver, 'rounds', () => `${key} was parked before its round was over`);
  }

  /** Each failed attempt counts, and a round ends when it has had its attempts, or was refused for good. */
  #noteRound(outbox: LedgerOutbox, { changes, write, session, isOpening }: Entry): void {
    const before = outbox.delivery?.record;
    const after = changes.delivery === undefined ? before : changes.delivery.after;
    assertThat(
      after === undefined || outbox.windows.size > 0,
      'records',
      () => `"${outbox.name}" has a delivery and no window`,
    );
    if (changes.delivery === undefined) {
      const hasLeft = changes.windows.some((one) => one.after === undefined && !this.#wasUnited(one, changes));
      assertThat(before === undefined || !hasLeft, 'records', () => `"${outbox.name}" keeps a delivery that has left`);
      return;
    }
    outbox.delivery = after === undefined ? undefined : { record: after, notedAtMs: write.askedAtMs };
    if (after === undefined || isOpening || after.failingSinceAt === null) return;
    const attempts = before?.attempts ?? 0;
    const rounds = before?.rounds ?? 0;
    const trigger = session.configuration.withName(outbox.name);
    const key = this.#beingTried(outbox)?.idempotencyKey ?? '';
    const read = this.#attempts.lastRead(key, session);
    const isOver = read?.outcome === 'rejected' || attempts + 1 >= (trigger?.maxAttempts ?? 1);
    // One that cannot be parked is tried on.
    const isHeld = outbox.parked.size >= mostParked || attempts >= (trigger?.maxAttempts ?? 1);
    const isRight = isOver
      ? after.attempts === 0 && after.rounds === rounds + 1
      : after.attempts === attempts + 1 && after.rounds === rounds;
    assertThat(
      isRight || isHeld,
      'rounds',
      () => `${key} had ${attempts} attempts in ${rounds} rounds, now ${after.attempts} in ${after.rounds}`,
    );
    const askedForMs = read?.outcome === 'retry' ? (read.retryAfterMs ?? 0) : 0;
    assertThat(after.waitMs >= askedForMs, 'rounds', () => `${key} is to wait ${askedForMs} ms, not ${after.waitMs}`);
  }

  #beingTried({ windows }: LedgerOutbox): Held | undefined {
    const [place] = [...windows.keys()].sort();
    return place === undefined ? undefined : windows.get(place);
  }

  #wasUnited({ place }: { place: string }, { windows }: OutboxChanges): boolean {
    return windows.some((one) => one.before !== undefined && one.after !== undefined && one.place < place);
  }

  /** A clock that was set back keeps nobody waiting: a stored instant in the future becomes now, durably. */
  #noteLastFired(outbox: LedgerOutbox, { changes }: Entry): void {
    if (changes.lastFired !== undefined) outbox.lastFiredAt = changes.lastFired.after?.at;
  }

  #checkLastFired({ openedAtMs }: Session): void {
    const { nowMs, lastSetAtMs = -1 } = this.#wall;
    if (lastSetAtMs >= openedAtMs) return;
    for (const { name, hasPartner, lastFiredAt = 0 } of this.#outboxes.values()) {
      assertThat(
        !hasPartner || lastFiredAt <= nowMs,
        'interval',
        () => `"${name}" fired ${lastFiredAt - nowMs} ms from now`,
      );
    }
  }

  #noteAbout(outbox: LedgerOutbox, about: OutboxRecord, isKnown: boolean): void {
    if (!isKnown) this.#sightings.saw('outbox begun');
    else if (outbox.name !== about.name) this.#sightings.saw('outbox renamed');
    if (outbox.hasPartner && !about.hasPartner) this.#sightings.saw('outbox without partner');
    if (isKnown && !outbox.hasPartner && about.hasPartner) this.#sightings.saw('outbox with a partner again');
  }

  #noteRemoval(outbox: LedgerOutbox, { requests }: Entry): void {
    this.#outboxes.delete(outbox.id);
    this.#sightings.saw(isGivenUp(requests) ? 'outbox dropped' : 'outbox removed empty');
    const isEmpty = outbox.windows.size === 0 && outbox.parked.size === 0;
    assertThat(isEmpty || isGivenUp(requests), 'I3', () => `outbox "${outbox.name}" was removed with what it held`);
  }

  /** A commit waits for what its predecessors owe the triggers that block. What waits for an interval blocks nothing. */
  #checkSettled(committed: string, session: Session): void {
    for (const outbox of this.outboxes) {
      const trigger = session.configuration.withName(outbox.name);
      if (!outbox.hasPartner || trigger?.onFailure !== 'block' || trigger.intervalMs !== undefined) continue;
      // A person may have had one replayed since the deliveries were settled.
      const earlier = [...outbox.windows.values()].find(
        ({ members, wasReplayed }) => !members.includes(committed) && !wasReplayed,
      );
      assertThat(
        earlier === undefined,
        'settled',
        () => `${committed} was committed before ${earlier?.runId} of "${outbox.name}" was delivered`,
      );
    }
  }

  #checkNames(): void {
    const names = new Set<string>();
    for (const { name } of this.#outboxes.values()) {
      assertThat(!names.has(name), 'records', () => `two outboxes are called "${name}"`);
      names.add(name);
    }
  }
}

type Entry = {
  id: string;
  changes: OutboxChanges;
  write: AppliedWrite;
  session: Session;
  isOpening: boolean;
  /** The run id of the commit in the same batch. */
  committed: string | undefined;
  /** What people asked for, and is followed in the same batch. */
  requests: readonly OutboxRequest[];
};

/** Messages that the batch removes: it is their effect. */
function requestsIn({ changes }: AppliedWrite): OutboxRequest[] {
  return [...changes].flatMap(([key, { before, after }]) => {
    if (!key.startsWith('mailbox/') || before === undefined || after !== undefined) return [];
    return readOutboxRequest(before) ?? [];
  });
}

/** Whether somebody asked for it, for this delivery or for all. */
function isWanted(wanted: 'replay' | 'drop', idempotencyKey: string, requests: readonly OutboxRequest[]): boolean {
  return requests.some(
    (asked) => asked.request === wanted && (asked.keys === 'all' || asked.keys.includes(idempotencyKey)),
  );
}

function isGivenUp(requests: readonly OutboxRequest[]): boolean {
  return requests.some(({ request }) => request === 'drop-outbox');
}

function outboxChanges({ changes }: AppliedWrite): Map<string, OutboxChanges> {
  const outboxes = new Map<string, OutboxChanges>();
  for (const [key, { before, after }] of changes) {
    const [root, id = '', part, place = ''] = key.split('/');
    if (root !== 'outbox') continue;
    const outbox = outboxes.get(id) ?? {
      windows: [],
      parked: [],
      about: undefined,
      delivery: undefined,
      lastFired: undefined,
      done: new Set(),
    };
    outboxes.set(id, outbox);
    if (part === 'window') outbox.windows.push({ place, before: record(before), after: record(after) });
    if (part === 'parked') outbox.parked.push({ runId: place, before: record(before), after: record(after) });
    if (part === 'about') outbox.about = { before: record(before), after: record(after) };
    if (part === 'delivery') outbox.delivery = { before: record(before), after: record(after) };
    if (part === 'last-fired') outbox.lastFired = { after: record(after) };
    if (part === 'done' && after !== undefined) outbox.done.add(place);
  }
  return outboxes;
}

function record<Record>(value: Json | undefined): Record | undefined {
  return value as Record | undefined;
}
