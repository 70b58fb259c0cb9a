import { compareText } from '@aftercommit/models';
import { type Fence, type Json, StoreError } from '@aftercommit/persistence';
import {
  type EncodedBatch,
  fencedError,
  keyExistsError,
  mailboxKey,
  nextEpoch,
} from '@aftercommit/persistence/implement';
import type { Sightings } from '../sightings.js';
import type { Chance } from './chance.js';
import { Device } from './device.js';
import { type JournalEntry, journalEntries, journalLine } from './journal.js';
import type { Scheduler } from './scheduler.js';
import type { SimulatedProcess } from './simulated-process.js';

/** A write that became part of the state, in the order in which they did. */
export type AppliedWrite = {
  owner: string;
  /** When the process asked for it, in milliseconds since the world began. */
  askedAtMs: number;
  changes: ReadonlyMap<string, { before: Json | undefined; after: Json | undefined }>;
};

/** Told of what became part of the state. */
export interface DiskWitness {
  opened(owner: string): void;
  /** The last opening was lost: who had the task before has it again. */
  openingLost(before: string): void;
  written(write: AppliedWrite): void;
}

/** Who wants something, and since when, in milliseconds since the world began. */
export type DiskRequest = { process: SimulatedProcess; askedAtMs: number };

type Opening = { task: string; owner: string; above: bigint | undefined; wallMs: number };

type Task = { owner: string; epoch: bigint; messages: bigint; values: Map<string, string> };

/** How long a process waits for another one that has the file locked, in milliseconds. */
const busyTimeoutMs = 5_000;

/**
 * A database file that processes of one machine share, as they do one of SQLite: a journal on a device, one writer at a
 * time, and a process that is killed or stopped in the middle of a write.
 */
export class Disk {
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #witness: DiskWitness;
  readonly #sightings: Sightings;
  readonly #device: Device;
  #tasks = new Map<string, Task>();
  /** Who is writing: its entry is in the file, and not synced. */
  #writer: (DiskRequest & { entry: JournalEntry }) | undefined;
  /** What a process that was killed had written completely: the next one that opens the file finds it. */
  #abandoned: { entry: JournalEntry; askedAtMs: number } | undefined;
  #applied = 0;
  /** The last entry, if it can be lost without anybody having relied on it. */
  #lastOpen: { task: string; before: Pick<Task, 'owner' | 'epoch'> } | undefined;

  constructor(
    { scheduler, sightings }: { scheduler: Scheduler; sightings: Sightings },
    chance: Chance,
    witness: DiskWitness,
  ) {
    this.#scheduler = scheduler;
    this.#sightings = sightings;
    this.#device = new Device(sightings);
    this.#chance = chance;
    this.#witness = witness;
  }

  /** The task's keys with the texts of their values. */
  values(task: string): ReadonlyMap<string, string> {
    return this.#tasks.get(task)?.values ?? new Map();
  }

  get tasks(): string[] {
    return [...this.#tasks.keys()].sort(compareText);
  }

  /** I6. The verbs of a session that is fenced fail. */
  assertHeld(fence: Fence): void {
    const task = this.#tasks.get(fence.task);
    if (task === undefined || task.owner !== fence.owner || task.epoch !== fence.epoch) {
      throw fencedError(fence, task?.epoch);
    }
  }

  /** Resolves with the epoch when it is durable. */
  async open(request: DiskRequest, { task, owner, above, wallMs }: Opening): Promise<bigint> {
    const entry = await this.#write(request, () => {
      const epoch = nextEpoch(this.#tasks.get(task)?.epoch ?? 0n, wallMs, above);
      return { does: 'open', task, owner, epoch: String(epoch) };
    });
    return 'epoch' in entry ? BigInt(entry.epoch) : 0n;
  }

  /** Resolves when the batch is durable. */
  async write(request: DiskRequest, fence: Fence, batch: EncodedBatch): Promise<void> {
    await this.#write(request, () => {
      this.assertHeld(fence);
      const values = this.values(fence.task);
      for (const key of batch.requiredAbsent) if (values.has(key)) throw keyExistsError(fence.task, key);
      const changes = batch.changes.map(([key, text]): [string, string | null] => [key, text ?? null]);
      return { does: 'write', task: fence.task, owner: fence.owner, epoch: String(fence.epoch), changes };
    });
  }

  /** Adds a message to the task's mailbox. */
  async addMessage(request: DiskRequest, task: string, text: string): Promise<void> {
    await this.#write(request, () => ({ does: 'message', task, text }));
  }

  /** What the process was writing is in the file completely, or not at all; nobody synced it. */
  noteKilled(process: SimulatedProcess): void {
    if (this.#writer?.process !== process) return;
    const { entry, askedAtMs } = this.#writer;
    this.#writer = undefined;
    if (this.#chance.happens(0.5)) this.#abandoned = { entry, askedAtMs };
    else this.#device.truncate(this.#intactLength(this.#applied));
  }

  /** Every process of the machine is dead; what was not synced is left to chance. */
  cutPower(): void {
    this.#device.cutPower(this.#chance);
    const inDoubt = this.#writer ?? this.#abandoned;
    this.#writer = undefined;
    this.#abandoned = undefined;
    const entries = [...journalEntries(this.#device.read())];
    if (entries.length < this.#applied) throw new Error('The simulated disk lost what it had synced.');
    if (entries.length > this.#applied && inDoubt !== undefined) this.#apply(inDoubt.entry, inDoubt.askedAtMs);
    this.#device.truncate(this.#intactLength(this.#applied));
  }

  /**
   * A failover to a copy that has everything but the last entry, which was an opening. Nobody but its session can have
   * relied on it.
   *
   * @returns Whether there was one that could be lost.
   */
  loseLastOpening(): boolean {
    const task = this.#lastOpen === undefined ? undefined : this.#tasks.get(this.#lastOpen.task);
    if (this.#lastOpen === undefined || task === undefined || this.#writer !== undefined) return false;
    this.#sightings.saw('opening lost in a failover');
    Object.assign(task, this.#lastOpen.before);
    this.#applied -= 1;
    this.#device.truncate(this.#intactLength(this.#applied));
    this.#witness.openingLost(this.#lastOpen.before.owner);
    this.#lastOpen = undefined;
    return true;
  }

  async #write({ process, askedAtMs }: DiskRequest, check: () => JournalEntry): Promise<JournalEntry> {
    const sinceMs = this.#scheduler.nowMs;
    for (let waitMs = 1; this.#writer !== undefined; waitMs = Math.min(100, 2 * waitMs)) {
      await this.#waitForLock(process, sinceMs, waitMs);
    }
    if (this.#abandoned !== undefined) {
      this.#sightings.saw('write that a dead process left');
      this.#device.sync();
      this.#apply(this.#abandoned.entry, this.#abandoned.askedAtMs);
      this.#abandoned = undefined;
    }
    const entry = check();
    this.#writer = { process, entry, askedAtMs };
    this.#device.append(journalLine(entry));
    await process.sleep(this.#chance.durationMs(2));
    // The power was cut under somebody who lives elsewhere, such as a person at another machine.
    if (this.#writer?.entry !== entry) throw new StoreError('STORE_OUTCOME_UNKNOWN', 'It was applied or not');
    this.#device.sync();
    this.#writer = undefined;
    this.#apply(entry, askedAtMs);
    return entry;
  }

  /** As SQLite does: looks again and again, and gives up after a while. */
  async #waitForLock(process: SimulatedProcess, sinceMs: number, waitMs: number): Promise<void> {
    if (this.#scheduler.nowMs >= sinceMs + busyTimeoutMs) {
      throw new StoreError('STORE_LOCKED', 'Another process has the simulated database locked. Nothing was changed');
    }
    await process.sleep(waitMs);
  }

  #apply(entry: JournalEntry, askedAtMs: number): void {
    this.#applied += 1;
    this.#lastOpen = undefined;
    const task = this.#taskOf(entry.task);
    if (entry.does === 'message') {
      task.messages += 1n;
      task.values.set(mailboxKey(task.messages), entry.text);
      return;
    }
    const { owner, epoch } = entry;
    if (entry.does === 'open') {
      this.#lastOpen = { task: entry.task, before: { owner: task.owner, epoch: task.epoch } };
      Object.assign(task, { owner, epoch: BigInt(epoch) });
      this.#witness.opened(owner);
      return;
    }
    const changes = new Map<string, { before: Json | undefined; after: Json | undefined }>();
    for (const [key, text] of entry.changes) {
      changes.set(key, { before: parsed(task.values.get(key)), after: parsed(text ?? undefined) });
      if (text === null) task.values.delete(key);
      else task.values.set(key, text);
    }
    this.#witness.written({ owner, askedAtMs, changes });
  }

  #taskOf(name: string): Task {
    const known = this.#tasks.get(name) ?? { owner: '', epoch: 0n, messages: 0n, values: new Map() };
    this.#tasks.set(name, known);
    return known;
  }

  #intactLength(entries: number): number {
    let length = 0;
    let count = 0;
    for (const { end } of journalEntries(this.#device.read())) {
      if (count === entries) break;
      count += 1;
      length = end;
    }
    return length;
  }
}

function parsed(text: string | undefined): Json | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}
