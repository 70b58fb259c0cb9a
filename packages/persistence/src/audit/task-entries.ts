import { compareText, type Json } from '@aftercommit/models';
import type {
  DeliveryRecord,
  DoneRecord,
  LastFiredRecord,
  OutboxRecord,
  ParkedRecord,
  WindowRecord,
} from '../outbox-records.js';
import { runIdOfPlace } from '../place.js';
import type { CommitRecord, CommittedRecord, LastOutboxRecord, LastRunRecord } from '../task-records.js';
import type { Findings } from './findings.js';
import { isRunId, type Shape, shapes } from './record-shapes.js';

/** A record where it was found. */
export type Found<Value> = { key: string; value: Value };

/** An outbox as far as it can be read. */
export type OutboxEntries = {
  id: string;
  /** All its keys, whatever is in them. */
  keys: string[];
  about: Found<OutboxRecord> | undefined;
  /** By place, as stored. */
  windows: Array<Found<WindowRecord> & { place: string }>;
  delivery: Found<DeliveryRecord> | undefined;
  parked: Array<Found<ParkedRecord> & { runId: string }>;
  done: Array<Found<DoneRecord> & { runId: string }>;
  lastFired: Found<LastFiredRecord> | undefined;
};

/** The state of a task as far as it can be read. */
export type TaskEntries = {
  /** By number, as stored. */
  commits: Array<Found<CommitRecord> & { number: number }>;
  /** By number, as stored. */
  committed: Array<Found<CommittedRecord> & { number: number }>;
  lastRun: Found<LastRunRecord> | undefined;
  lastOutbox: Found<LastOutboxRecord> | undefined;
  /** By id, as stored. */
  outboxes: Map<string, OutboxEntries>;
};

/** Sorts the entries of a task. What cannot be placed or read is a finding, and left out. */
export function readEntries(
  entries: ReadonlyArray<readonly [key: string, value: Json]>,
  isHostKey: (key: string) => boolean,
  findings: Findings,
): TaskEntries {
  const task: TaskEntries = {
    commits: [],
    committed: [],
    lastRun: undefined,
    lastOutbox: undefined,
    outboxes: new Map(),
  };
  for (const [key, value] of entries) {
    const place = placeOf(key, task);
    if (place !== undefined) {
      const problem = place.shape(value, 'it');
      if (problem === undefined) place.put({ key, value });
      else findings.add('RECORD_UNREADABLE', { keys: [key] }, `What "${key}" holds cannot be read: ${problem}.`);
    } else if (!isHostKey(key)) {
      findings.add('KEY_UNKNOWN', { keys: [key] }, `The key "${key}" is none that this version of aftercommit writes.`);
    }
  }
  // How deliveries ended comes before the outboxes themselves.
  const byId = [...task.outboxes].sort(([left], [right]) => compareText(left, right));
  return { ...task, outboxes: new Map(byId) };
}

/** What a key promises, and where that goes. */
type Place = { shape: Shape; put(found: Found<unknown>): void };

function placeOf(key: string, task: TaskEntries): Place | undefined {
  for (const { pattern, place } of layout) {
    const match = pattern.exec(key);
    if (match !== null) return place(task, match);
  }
  return undefined;
}

type Layout = { pattern: RegExp; place(task: TaskEntries, match: RegExpExecArray): Place | undefined };

const unlooked: Place = { shape: () => undefined, put: () => undefined };

const layout: readonly Layout[] = [
  {
    pattern: /^commit\/(\d{16})$/,
    place: ({ commits }, [, digits]) =>
      placed<CommitRecord>(shapes.commit, (found) => commits.push({ ...found, number: Number(digits) })),
  },
  {
    pattern: /^committed\/(\d{16})$/,
    place: ({ committed }, [, digits]) =>
      placed<CommittedRecord>(shapes.committed, (found) => committed.push({ ...found, number: Number(digits) })),
  },
  {
    pattern: /^last-run$/,
    place: (task) => placed<LastRunRecord>(shapes.lastRun, (lastRun) => Object.assign(task, { lastRun })),
  },
  {
    pattern: /^last-outbox$/,
    place: (task) => placed<LastOutboxRecord>(shapes.lastOutbox, (lastOutbox) => Object.assign(task, { lastOutbox })),
  },
  { pattern: /^done\/(\d{6,})\/([^/]+)$/, place: donePlace },
  { pattern: /^outbox\/(\d{6,})\/([a-z-]+)(?:\/([^/]+))?$/, place: outboxPlace },
  { pattern: /^largest-key\/\[.*\]$/, place: () => ({ ...unlooked, shape: shapes.largestKey }) },
  // The connector alone knows what it wrote, and the next session reads what people ask.
  { pattern: /^connector-state$/, place: () => unlooked },
  { pattern: /^mailbox\/\d{16}$/, place: () => unlooked },
];

function outboxPlace({ outboxes }: TaskEntries, match: RegExpExecArray): Place | undefined {
  const [key, id = '', part = '', place] = match;
  const outbox = outboxes.get(id) ?? emptyEntries(id);
  const found = place === undefined ? singlePart(outbox, part) : listedPart(outbox, part, place);
  if (found === undefined) return undefined;
  outbox.keys.push(key);
  outboxes.set(id, outbox);
  return found;
}

function singlePart(outbox: OutboxEntries, part: string): Place | undefined {
  if (part === 'about') return placed<OutboxRecord>(shapes.about, (about) => Object.assign(outbox, { about }));
  if (part === 'delivery') {
    return placed<DeliveryRecord>(shapes.delivery, (delivery) => Object.assign(outbox, { delivery }));
  }
  if (part === 'last-fired') {
    return placed<LastFiredRecord>(shapes.lastFired, (lastFired) => Object.assign(outbox, { lastFired }));
  }
  return undefined;
}

function listedPart({ windows, parked }: OutboxEntries, part: string, place: string): Place | undefined {
  if (part === 'window' && isPlace(place)) {
    return placed<WindowRecord>(shapes.window, (found) => windows.push({ ...found, place }));
  }
  if (!isRunId(place)) return undefined;
  if (part === 'parked') {
    return placed<ParkedRecord>(shapes.parked, (found) => parked.push({ ...found, runId: place }));
  }
  return undefined;
}

function donePlace({ outboxes }: TaskEntries, [key, id = '', runId = '']: RegExpMatchArray): Place | undefined {
  if (!isRunId(runId)) return undefined;
  const outbox = outboxes.get(id) ?? emptyEntries(id);
  outbox.keys.push(key);
  outboxes.set(id, outbox);
  return placed<DoneRecord>(shapes.done, (found) => outbox.done.push({ ...found, runId }));
}

/** The shape vouches for the type. */
function placed<Value>(shape: Shape, put: (found: Found<Value>) => unknown): Place {
  return { shape, put: (found) => void put(found as Found<Value>) };
}

function isPlace(place: string): boolean {
  return isRunId(runIdOfPlace(place)) && /^[^~]+(~\d{8})?$/.test(place);
}

function emptyEntries(id: string): OutboxEntries {
  return {
    id,
    keys: [],
    about: undefined,
    windows: [],
    delivery: undefined,
    parked: [],
    done: [],
    lastFired: undefined,
  };
}
