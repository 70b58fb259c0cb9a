import { setTimeout } from 'node:timers/promises';
import type { Fence, Json, Store, StoreSupports, TaskState, WriteBatch } from '@aftercommit/persistence';
import {
  assertWellFormed,
  decodeValue,
  type EncodedBatch,
  encodeBatch,
  encodeValue,
  type FencedVerbs,
  fencedError,
  mailboxKey,
  nextEpoch,
  storeClosedError,
  TaskSession,
} from '@aftercommit/persistence/implement';
import type Database from 'better-sqlite3';
import { applyBatch } from './apply-batch.js';
import { GroupCommit } from './group-commit.js';
import { MessageWatch } from './message-watch.js';
import { openDatabase, openExistingDatabase } from './open-database.js';
import { prefixEnd } from './prefix-range.js';
import { type Doing, storeErrorOf } from './sqlite-error.js';
import { prepareStatements, type Statements } from './statements.js';

/** Where the store is and how it waits. */
export type SqliteStoreOptions = {
  /** The database file. Created when there is none; its folder must exist. */
  path: string;
  /** The wall clock in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
  /**
   * How long a call waits for another connection's write transaction before it fails with `STORE_LOCKED`. SQLite waits
   * inside the call: the process does nothing else meanwhile. Default: 5000.
   */
  busyTimeoutMs?: number;
  /**
   * Resolves after so many milliseconds, or at once when the signal aborts. It is slept a second between two looks for
   * messages that other processes left, while sessions wait for some. Default: a timer that keeps no process alive.
   */
  sleep?: (durationMs: number, signal: AbortSignal) => Promise<void>;
};

type TaskDoing = Doing & { readonly task: string };

/** SQLite orders every text before every blob: an end for ranges that have none. */
const behindAllText = Buffer.alloc(0);

/**
 * A store in an SQLite file, which may be the one that holds the host's own tables. What is acknowledged survives a
 * power cut. Several processes on one machine may have it open. Writes of any sessions that meet in one turn of the event loop
 * share a transaction, and so an fsync.
 */
export class SqliteStore implements Store {
  /**
   * What was acknowledged survives a power cut, other processes may have the file open, and a host may write within its
   * own transaction.
   */
  readonly supports: StoreSupports = { durability: 'power-loss', shared: true, hostTransaction: 'better-sqlite3' };
  readonly #file: string;
  readonly #now: () => number;
  readonly #database: Database.Database;
  readonly #statements: Statements;
  readonly #commits: GroupCommit;
  readonly #watch: MessageWatch;

  /**
   * Opens the file, creates the store's tables when it has none, and checks the ones it has.
   *
   * @param where The path of the file, or more than that.
   * @throws StoreError `STORE_UNAVAILABLE` (no such folder, not writable), `STORE_LOCKED`, `STORE_CORRUPT` (not a database, or
   *   damaged), `STORE_SCHEMA_UNKNOWN`.
   */
  static open(where: string | SqliteStoreOptions): SqliteStore {
    const options = optionsOf(where);
    return new SqliteStore(options, openDatabase(options.path, options.busyTimeoutMs));
  }

  /**
   * As `open`, for who only looks: a file without the store's tables is left as it is. Undefined: there is no file, or it has
   * no such tables.
   */
  static openExisting(where: string | SqliteStoreOptions): SqliteStore | undefined {
    const options = optionsOf(where);
    const database = openExistingDatabase(options.path, options.busyTimeoutMs);
    return database && new SqliteStore(options, database);
  }

  private constructor({ path, now, sleep }: Required<SqliteStoreOptions>, database: Database.Database) {
    this.#file = path;
    this.#now = now;
    this.#database = database;
    this.#statements = prepareStatements(this.#database);
    this.#commits = new GroupCommit(this.#database, this.#statements);
    this.#watch = new MessageWatch(this.#statements, sleep);
  }

  async tasks(): Promise<string[]> {
    await this.#commits.allSettled();
    return this.#run({ what: 'list the tasks', file: this.#file }, () => this.#statements.tasks.all());
  }

  async open(task: string, owner: string, above?: bigint): Promise<TaskState> {
    assertWellFormed('task', task);
    assertWellFormed('owner', owner);
    const epoch = await this.#write(this.#doing('open', task), 0, () => {
      const raised = nextEpoch(this.#statements.epoch.get(task) ?? 0n, this.#now(), above);
      this.#statements.own.run(task, owner, raised);
      return raised;
    });
    this.#watch.tell(task);
    return new TaskSession({ task, owner, epoch }, this.#verbs);
  }

  async read(task: string): Promise<Array<[key: string, value: Json]>> {
    assertWellFormed('task', task);
    await this.#commits.settled(task);
    const rows = this.#run(this.#doing('read', task), () => this.#statements.read.all(task));
    return rows.map(([key, text]) => [key, this.#decode(task, key, text)]);
  }

  async request(task: string, value: Json): Promise<void> {
    assertWellFormed('task', task);
    const text = encodeValue(value);
    await this.#write(this.#doing('leave a message for', task), text.length, () => {
      const number = this.#statements.countMessage.get(task) ?? 1n;
      this.#statements.addMessage.run(task, mailboxKey(number), text);
    });
    this.#watch.tell(task);
  }

  async close(): Promise<void> {
    this.#watch.stop();
    if (this.#database.open) this.#commits.flush();
    this.#database.close();
  }

  readonly #verbs: FencedVerbs = {
    get: async ({ task, owner, epoch }: Fence, key: string) => {
      await this.#commits.settled(task);
      const text = this.#run(this.#doing('read', task), () => this.#statements.get.get(key, task, owner, epoch));
      if (text === undefined) throw this.#fenced({ task, owner, epoch });
      return text === null ? undefined : this.#decode(task, key, text);
    },
    list: async ({ task, owner, epoch }: Fence, prefix: string) => {
      await this.#commits.settled(task);
      const rows = this.#run(this.#doing('read', task), () =>
        this.#statements.list.all(prefix, prefixEnd(prefix) ?? behindAllText, task, owner, epoch),
      );
      if (rows.length === 0) throw this.#fenced({ task, owner, epoch });
      return rows.flatMap(([key, text]) => (key === null ? [] : [[key, this.#decode(task, key, text)]]));
    },
    write: async (fence: Fence, batch: WriteBatch) => {
      const encoded = encodeBatch(batch);
      const apply = (): void => applyBatch(this.#statements, fence, encoded);
      await this.#write(this.#doing('write', fence.task), charactersOf(encoded), apply);
    },
    onMessage: ({ task }: Fence, listener: () => void) =>
      this.#run(this.#doing('watch', task), () => this.#watch.listen(task, listener)),
  };

  #fenced(fence: Fence): unknown {
    return fencedError(
      fence,
      this.#run(this.#doing('read', fence.task), () => this.#statements.epoch.get(fence.task)),
    );
  }

  /** Begins when it is called: writes are applied in the order of their calls. */
  #write<Result>(doing: TaskDoing, characters: number, apply: () => Result): Promise<Result> {
    this.#assertOpen();
    return this.#commits.add({ doing, characters, apply });
  }

  #run<Result>(doing: Doing, work: () => Result): Result {
    this.#assertOpen();
    try {
      return work();
    } catch (error) {
      throw storeErrorOf(error, doing);
    }
  }

  #assertOpen(): void {
    if (!this.#database.open) throw storeClosedError(`The store in ${this.#file}`);
  }

  #doing(what: string, task: string): TaskDoing {
    return { what, file: this.#file, task };
  }

  #decode(task: string, key: string, text: string): Json {
    return decodeValue(text, { store: this.#file, task, key });
  }
}

function charactersOf({ changes }: EncodedBatch): number {
  return changes.reduce((sum, [key, text = '']) => sum + key.length + text.length, 0);
}

function optionsOf(where: string | SqliteStoreOptions): Required<SqliteStoreOptions> {
  const given: SqliteStoreOptions = typeof where === 'string' ? { path: where } : where;
  const { path, now = Date.now, busyTimeoutMs = 5000, sleep = sleepAside } = given;
  return { path, now, busyTimeoutMs, sleep };
}

async function sleepAside(durationMs: number, signal: AbortSignal): Promise<void> {
  // It fails when the signal aborts, and for no other reason.
  await setTimeout(durationMs, undefined, { signal, ref: false }).catch(() => undefined);
}
