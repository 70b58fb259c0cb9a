import type { Fence, Json, Store, StoreSupports, TaskState, WriteBatch } from '@aftercommit/persistence';
import {
  assertWellFormed,
  decodeValue,
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
import { openDatabase } from './open-database.js';
import { prefixEnd } from './prefix-range.js';
import { commitErrorOf, type Doing, storeErrorOf } from './sqlite-error.js';
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
};

/** SQLite orders every text before every blob: an end for ranges that have none. */
const behindAllText = Buffer.alloc(0);

/**
 * A store in an SQLite file, which may be the one that holds the host's own tables. What is acknowledged survives a
 * power cut. Several processes on one machine may have it open.
 */
export class SqliteStore implements Store {
  readonly supports: StoreSupports = { durability: 'power-loss', shared: true, hostTransaction: 'better-sqlite3' };
  readonly #file: string;
  readonly #now: () => number;
  readonly #database: Database.Database;
  readonly #statements: Statements;

  /**
   * Opens the file, creates the store's tables when it has none, and checks the ones it has.
   *
   * Throws `STORE_UNAVAILABLE` (no such folder, not writable), `STORE_LOCKED`, `STORE_CORRUPT` (not a database, or
   * damaged) and `STORE_SCHEMA_UNKNOWN`.
   */
  static open(where: string | SqliteStoreOptions): SqliteStore {
    return new SqliteStore(typeof where === 'string' ? { path: where } : where);
  }

  private constructor({ path, now = Date.now, busyTimeoutMs = 5000 }: SqliteStoreOptions) {
    this.#file = path;
    this.#now = now;
    this.#database = openDatabase(path, busyTimeoutMs);
    this.#statements = prepareStatements(this.#database);
  }

  async tasks(): Promise<string[]> {
    return this.#run({ what: 'list the tasks', file: this.#file }, () => this.#statements.tasks.all());
  }

  async open(task: string, owner: string, above?: bigint): Promise<TaskState> {
    assertWellFormed('task', task);
    assertWellFormed('owner', owner);
    const epoch = this.#transaction(this.#doing('open', task), () => {
      const raised = nextEpoch(this.#statements.epoch.get(task) ?? 0n, this.#now(), above);
      this.#statements.own.run(task, owner, raised);
      return raised;
    });
    return new TaskSession({ task, owner, epoch }, this.#verbs);
  }

  async read(task: string): Promise<Array<[key: string, value: Json]>> {
    assertWellFormed('task', task);
    const rows = this.#run(this.#doing('read', task), () => this.#statements.read.all(task));
    return rows.map(([key, text]) => [key, this.#decode(task, key, text)]);
  }

  async request(task: string, value: Json): Promise<void> {
    assertWellFormed('task', task);
    const text = encodeValue(value);
    this.#transaction(this.#doing('leave a message for', task), () => {
      const number = this.#statements.countMessage.get(task) ?? 1n;
      this.#statements.addMessage.run(task, mailboxKey(number), text);
    });
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  readonly #verbs: FencedVerbs = {
    get: async ({ task, owner, epoch }: Fence, key: string) => {
      const text = this.#run(this.#doing('read', task), () => this.#statements.get.get(key, task, owner, epoch));
      if (text === undefined) throw this.#fenced({ task, owner, epoch });
      return text === null ? undefined : this.#decode(task, key, text);
    },
    list: async ({ task, owner, epoch }: Fence, prefix: string) => {
      const rows = this.#run(this.#doing('read', task), () =>
        this.#statements.list.all(prefix, prefixEnd(prefix) ?? behindAllText, task, owner, epoch),
      );
      if (rows.length === 0) throw this.#fenced({ task, owner, epoch });
      return rows.flatMap(([key, text]) => (key === null ? [] : [[key, this.#decode(task, key, text)]]));
    },
    write: async (fence: Fence, batch: WriteBatch) => {
      const encoded = encodeBatch(batch);
      this.#transaction(this.#doing('write', fence.task), () => applyBatch(this.#statements, fence, encoded));
    },
  };

  #fenced(fence: Fence): unknown {
    return fencedError(
      fence,
      this.#run(this.#doing('read', fence.task), () => this.#statements.epoch.get(fence.task)),
    );
  }

  /** One write transaction, begun and ended before anything else can run: none stays open across an await. */
  #transaction<Result>(doing: Doing, work: () => Result): Result {
    const result = this.#run(doing, () => {
      this.#statements.begin.run();
      try {
        return work();
      } catch (error) {
        if (this.#database.inTransaction) this.#statements.rollback.run();
        throw error;
      }
    });
    try {
      this.#statements.commit.run();
    } catch (error) {
      if (this.#database.inTransaction) this.#statements.rollback.run();
      throw commitErrorOf(error, doing);
    }
    return result;
  }

  #run<Result>(doing: Doing, work: () => Result): Result {
    if (!this.#database.open) throw storeClosedError(`The store in ${this.#file}`);
    try {
      return work();
    } catch (error) {
      throw storeErrorOf(error, doing);
    }
  }

  #doing(what: string, task: string): Doing {
    return { what, file: this.#file, task };
  }

  #decode(task: string, key: string, text: string): Json {
    return decodeValue(text, { store: this.#file, task, key });
  }
}
