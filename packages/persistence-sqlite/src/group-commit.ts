import { isStoreError } from '@aftercommit/persistence';
import type Database from 'better-sqlite3';
import { commitErrorOf, type Doing, storeErrorOf } from './sqlite-error.js';
import type { Statements } from './statements.js';

/** One write: of a session, an opening, or a message. */
export type Write<Result> = {
  readonly doing: Doing & { readonly task: string };
  /** About how much text it writes. */
  readonly characters: number;
  /**
   * Does it, inside a transaction that others share. Throws a `StoreError` to refuse it, and leaves nothing changed
   * then. After any other error all that it did is undone; and it may be called again when all of the group was.
   */
  readonly apply: () => Result;
};

type Waiting = Omit<Write<unknown>, 'apply'> & {
  /** Applies it, and returns what tells whoever waits for it. */
  readonly apply: () => () => void;
  readonly reject: (error: unknown) => void;
};

/** What tells each of a group, in order; or why the transaction that all share could not begin or commit. */
type Outcome = { readonly settle: Array<() => void> } | { readonly failure: (doing: Doing) => unknown };

/** The event loop stands still while a group is applied: about 5 ms for one of so many small writes. */
const writesInGroup = 256;
const charactersInGroup = 4 * 1024 * 1024;

/**
 * Writes that meet in one turn of the event loop share one transaction, and so one fsync. The loop stands still while the
 * disk works, and what arrives meanwhile is the next group: groups grow with the load, and nobody waits for company.
 *
 * - They are applied in the order in which they were added, and told in that order, once all of them are durable.
 * - One that is refused (fenced, a key exists) touches none of the others. When SQLite fails within one, the group
 *   begins again without it.
 * - When the transaction itself can not begin or commit, every write that waits fails with it, also those behind the group:
 *   a locked file is waited for once, and nothing later of a session is applied whose outcome is unknown. So do those that
 *   were refused: what they were refused for may not have been committed.
 */
export class GroupCommit {
  readonly #database: Database.Database;
  readonly #statements: Pick<Statements, 'begin' | 'commit' | 'rollback'>;
  #waiting: Waiting[] = [];
  /** The last write of each task, as long as any waits. */
  readonly #lastOfTask = new Map<string, Promise<unknown>>();
  #nextTurn: NodeJS.Immediate | undefined;

  constructor(database: Database.Database, statements: Pick<Statements, 'begin' | 'commit' | 'rollback'>) {
    this.#database = database;
    this.#statements = statements;
  }

  /** Resolves with what `apply` returned, once it is durable. */
  add<Result>({ doing, characters, apply }: Write<Result>): Promise<Result> {
    const durable = new Promise<Result>((resolve, reject) => {
      const applyAndTell = (): (() => void) => {
        const result = apply();
        return () => resolve(result);
      };
      this.#waiting.push({ doing, characters, apply: applyAndTell, reject });
    });
    this.#lastOfTask.set(doing.task, durable);
    this.#commitInTime();
    return durable;
  }

  /** Resolves when the writes of the task that wait now are settled: a read sees what was begun before it. */
  async settled(task: string): Promise<void> {
    const last = this.#lastOfTask.get(task);
    if (last !== undefined) await Promise.allSettled([last]);
  }

  /** Resolves when all writes that wait now are settled. */
  async allSettled(): Promise<void> {
    await Promise.allSettled(this.#lastOfTask.values());
  }

  /** Commits all that waits before it returns. */
  flush(): void {
    while (this.#waiting.length > 0) this.#commitGroup();
    clearImmediate(this.#nextTurn);
    this.#nextTurn = undefined;
  }

  /** Right after sockets were read: what arrived together is written together. */
  #commitInTime(): void {
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = undefined;
      this.#commitGroup();
      if (this.#waiting.length > 0) this.#commitInTime();
    });
  }

  #commitGroup(): void {
    const group = this.#waiting.splice(0, sizeOfGroup(this.#waiting));
    const outcome = this.#outcomeOf(group);
    if ('settle' in outcome) {
      for (const settle of outcome.settle) settle();
    } else {
      const failed = [...group, ...this.#waiting.splice(0)];
      for (const { reject, doing } of failed) reject(outcome.failure(doing));
    }
    if (this.#waiting.length === 0) this.#lastOfTask.clear();
  }

  #outcomeOf(group: readonly Waiting[]): Outcome {
    try {
      return this.#commit(group);
    } catch (error) {
      // Rolling back failed, too. Whoever waits must hear of it.
      return { failure: (doing) => commitErrorOf(error, doing) };
    }
  }

  /** One transaction, begun and ended before anything else can run: none stays open across an await. */
  #commit(group: readonly Waiting[]): Outcome {
    try {
      this.#statements.begin.run();
    } catch (error) {
      return { failure: (doing) => storeErrorOf(error, doing) };
    }
    const settle: Array<() => void> = [];
    for (const write of group) {
      const { apply, reject, doing } = write;
      try {
        settle.push(apply());
      } catch (error) {
        if (!isStoreError(error)) return this.#commitWithout(write, storeErrorOf(error, doing), group);
        settle.push(() => reject(error));
      }
    }
    try {
      this.#statements.commit.run();
    } catch (error) {
      this.#rollBack();
      return { failure: (doing) => commitErrorOf(error, doing) };
    }
    return { settle };
  }

  /** What the culprit changed is undone, and with it the whole transaction: what SQLite does to it depends on the error. */
  #commitWithout(culprit: Waiting, error: unknown, group: readonly Waiting[]): Outcome {
    this.#rollBack();
    const place = group.indexOf(culprit);
    const outcome = this.#commit(group.toSpliced(place, 1));
    if ('settle' in outcome) outcome.settle.splice(place, 0, () => culprit.reject(error));
    return outcome;
  }

  #rollBack(): void {
    if (this.#database.inTransaction) this.#statements.rollback.run();
  }
}

function sizeOfGroup(waiting: readonly Waiting[]): number {
  let characters = 0;
  const end = waiting.findIndex((write, index) => {
    characters += write.characters;
    return index === writesInGroup || (index > 0 && characters > charactersInGroup);
  });
  return end < 0 ? waiting.length : end;
}
