import type { Fence, Json, Store, StoreSupports, TaskState, WriteBatch } from '@aftercommit/persistence';
import {
  assertWellFormed,
  decodeValue,
  encodeBatch,
  encodeValue,
  type FencedVerbs,
  fencedError,
  storeClosedError,
  TaskSession,
} from '@aftercommit/persistence/implement';
import { binaryArray, numberArray } from './binary-array.js';
import { type Connected, connectToPrimary } from './connect.js';
import type { Row } from './connection.js';
import { ConnectionPool } from './connection-pool.js';
import { warningOf } from './durability.js';
import { GroupedWrites } from './grouped-writes.js';
import { MessagePoll, type Sleep, type Standing } from './message-poll.js';
import { migrate, versionOf } from './migrate.js';
import { type Doing, storeErrorOf } from './postgres-error.js';
import { type Statement, type Statements, statementsIn } from './statements.js';
import { type PostgresStoreOptions, type StoreSettings, settingsOf } from './store-options.js';

/**
 * A store in PostgreSQL 15 or later, which may be the one with the host's own tables. Several hosts may have it open. Each write
 * is one statement, and writes that meet share one.
 */
export class PostgresStore implements Store {
  /** `durability`: what the server was set to when the store was opened. */
  readonly supports: StoreSupports;
  readonly #where: string;
  readonly #now: (() => number) | undefined;
  readonly #pool: ConnectionPool;
  readonly #statements: Statements;
  readonly #writes: GroupedWrites;
  readonly #poll: MessagePoll;
  /** How a task stood when a session opened it. */
  readonly #standings = new WeakMap<Fence, Standing>();
  #closing: Promise<void> | undefined;

  /**
   * Connects, makes the store's tables when there are none, and brings older ones to this version.
   *
   * @throws StoreError `STORE_UNAVAILABLE` (no server that takes writes, or missing rights), `STORE_LOCKED`,
   *   `STORE_SCHEMA_UNKNOWN`; TypeError for options that make no sense.
   */
  static async open(options: string | PostgresStoreOptions): Promise<PostgresStore> {
    const settings = settingsOf(options);
    return await PostgresStore.#begin(
      settings,
      await connectToPrimary(settings.hosts, settings.where, settings.patience),
    );
  }

  /** As `open`, for who only looks: where there are no tables it makes none. Undefined: there are none. */
  static async openExisting(options: string | PostgresStoreOptions): Promise<PostgresStore | undefined> {
    const settings = settingsOf(options);
    const { hosts, where, schema, patience } = settings;
    const connected = await connectToPrimary(hosts, where, patience);
    const version = await opening(connected, where, versionOf(connected.connection, schema, where));
    if (version > 0) return await PostgresStore.#begin(settings, connected);
    await connected.connection.close();
    return undefined;
  }

  static async #begin(settings: StoreSettings, connected: Connected): Promise<PostgresStore> {
    const { hosts, where, schema, patience, maxConnections, sleep, now, warn } = settings;
    const { connection, durability } = connected;
    await opening(connected, where, migrate(connection, schema, where));
    const warning = warningOf(durability, where);
    if (warning !== undefined) warn(warning);
    const pool = new ConnectionPool(
      async () => (await connectToPrimary(hosts, where, patience)).connection,
      maxConnections,
    );
    pool.add(connection);
    return new PostgresStore({ where, pool, schema, durability, sleep, now });
  }

  private constructor(parts: {
    where: string;
    pool: ConnectionPool;
    schema: string;
    durability: StoreSupports['durability'];
    sleep: Sleep;
    now: (() => number) | undefined;
  }) {
    this.supports = { durability: parts.durability, shared: true, hostTransaction: 'pg' };
    this.#where = parts.where;
    this.#now = parts.now;
    this.#pool = parts.pool;
    this.#statements = statementsIn(parts.schema);
    this.#writes = new GroupedWrites(parts.pool, this.#statements.write, parts.where);
    this.#poll = new MessagePoll((seen) => this.#changedStandings(seen), parts.sleep);
  }

  async tasks(): Promise<string[]> {
    const rows = await this.#ask(this.#doing('list the tasks'), this.#statements.tasks, []);
    return rows.map(([task]) => fromHex(task));
  }

  async open(task: string, owner: string, above = 0n): Promise<TaskState> {
    assertWellFormed('task', task);
    assertWellFormed('owner', owner);
    const clock = this.#now === undefined ? null : BigInt(Math.floor(this.#now() * 1_000));
    const values = [Buffer.from(task), Buffer.from(owner), above, clock];
    const doing = { ...this.#doing('open', task), changes: true };
    const [[epoch, messages] = []] = await this.#ask(doing, this.#statements.open, values, { isPatient: true });
    const fence: Fence = { task, owner, epoch: BigInt(epoch ?? 0) };
    this.#standings.set(fence, { ...fence, messages: BigInt(messages ?? 0) });
    this.#poll.tell(task);
    return new TaskSession(fence, this.#verbs);
  }

  async read(task: string): Promise<Array<[key: string, value: Json]>> {
    assertWellFormed('task', task);
    this.#assertOpen();
    await this.#writes.settled(task);
    const rows = await this.#ask(this.#doing('read', task), this.#statements.read, [Buffer.from(task)]);
    return rows.flatMap((row) => this.#entryOf(task, row));
  }

  async request(task: string, value: Json): Promise<void> {
    assertWellFormed('task', task);
    const values = [Buffer.from(task), encodeValue(value)];
    const doing = { ...this.#doing('leave a message for', task), changes: true };
    await this.#ask(doing, this.#statements.request, values, { isPatient: true });
    this.#poll.tell(task);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#poll.stop();
    await this.#writes.allSettled();
    await this.#pool.close();
  }

  readonly #verbs: FencedVerbs = {
    get: async (fence: Fence, key: string) => {
      const [row] = await this.#askHeld(fence, this.#statements.get, [Buffer.from(key)]);
      const text = row?.[0] ?? null;
      return text === null ? undefined : this.#decode(fence.task, key, text);
    },
    list: async (fence: Fence, prefix: string) => {
      const from = Buffer.from(prefix);
      const rows = await this.#askHeld(fence, this.#statements.list, [from, endOfPrefix(from)]);
      return rows.flatMap((row) => this.#entryOf(fence.task, row));
    },
    write: async (fence: Fence, batch: WriteBatch) => {
      this.#assertOpen();
      await this.#writes.add(fence, encodeBatch(batch));
    },
    onMessage: (fence: Fence, listener: () => void) => {
      this.#assertOpen();
      return this.#poll.listen(this.#standings.get(fence) ?? { ...fence, messages: 0n }, listener);
    },
  };

  /** Reads for a session, once its writes that were begun before are settled. No row: it is fenced. */
  async #askHeld(fence: Fence, statement: Statement, values: unknown[]): Promise<Row[]> {
    this.#assertOpen();
    await this.#writes.settled(fence.task);
    const held = [Buffer.from(fence.task), Buffer.from(fence.owner), fence.epoch];
    const rows = await this.#ask(this.#doing('read', fence.task), statement, [...held, ...values]);
    if (rows.length > 0) return rows;
    const [[epoch] = []] = await this.#ask(
      this.#doing('read', fence.task),
      this.#statements.heldEpoch,
      held.slice(0, 1),
    );
    throw fencedError(fence, epoch === undefined || epoch === null ? undefined : BigInt(epoch));
  }

  async #ask(doing: Doing, statement: Statement, values: unknown[], options?: { isPatient: boolean }): Promise<Row[]> {
    this.#assertOpen();
    try {
      return await this.#pool.use((connection) => connection.call(statement, values), options);
    } catch (error) {
      throw storeErrorOf(error, doing);
    }
  }

  async #changedStandings(seen: readonly Standing[]): Promise<Standing[]> {
    const rows = await this.#ask(this.#doing('look for messages'), this.#statements.standings, [
      binaryArray(
        'bytea',
        seen.map(({ task }) => task),
      ),
      binaryArray(
        'bytea',
        seen.map(({ owner }) => owner),
      ),
      numberArray(seen.map(({ epoch }) => epoch)),
      numberArray(seen.map(({ messages }) => messages)),
    ]);
    return rows.map(([task, owner, epoch, messages]) => ({
      task: fromHex(task),
      owner: fromHex(owner),
      epoch: BigInt(epoch ?? 0),
      messages: BigInt(messages ?? 0),
    }));
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw storeClosedError(`The store in ${this.#where}`);
  }

  #doing(what: string, task?: string): Doing {
    return { what, where: this.#where, changes: false, ...(task !== undefined && { task }) };
  }

  /** A row of NULLs is no entry. */
  #entryOf(task: string, [hexKey, text]: Row): Array<[key: string, value: Json]> {
    if (hexKey === null || text === null || hexKey === undefined || text === undefined) return [];
    const key = fromHex(hexKey);
    return [[key, this.#decode(task, key, text)]];
  }

  #decode(task: string, key: string, text: string): Json {
    return decodeValue(text, { store: this.#where, task, key });
  }
}

function fromHex(digits: string | null | undefined): string {
  return Buffer.from(digits ?? '', 'hex').toString();
}

/** Behind every key that begins with the prefix, and before all others behind it: no byte of UTF-8 is 0xff. */
function endOfPrefix(prefix: Buffer): Buffer {
  const last = prefix.at(-1);
  if (last === undefined) return Buffer.of(0xff);
  const end = Buffer.from(prefix);
  end[end.length - 1] = last + 1;
  return end;
}

/** A step of opening. When it fails the connection is closed. */
async function opening<Result>({ connection }: Connected, where: string, step: Promise<Result>): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    await connection.close();
    throw storeErrorOf(error, { what: 'open the store', where, changes: false });
  }
}
