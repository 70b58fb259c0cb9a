import { type Fence, StoreError } from '@aftercommit/persistence';
import { type EncodedBatch, fencedError, keyExistsError } from '@aftercommit/persistence/implement';
import type { Connection } from './connection.js';
import type { ConnectionPool } from './connection-pool.js';
import { isRefusedByServer, storeErrorOf } from './postgres-error.js';
import type { Statement } from './statements.js';
import { type Refusal, writeBatches } from './write-batches.js';

type Waiting = {
  readonly fence: Fence;
  readonly batch: EncodedBatch;
  readonly characters: number;
  readonly settle: { resolve(): void; reject(error: unknown): void };
};

/** What one transaction takes at most: the others wait for it. */
const writesInGroup = 256;
const charactersInGroup = 4 * 1024 * 1024;

/**
 * Writes that meet share one statement, and so one round trip and one transaction. Whoever comes while all connections are busy is
 * in the next group: groups grow with the load, and nobody waits for company.
 *
 * - Of one task only one write is under way at a time: they are applied in the order in which they were added.
 * - One that is refused (fenced, a key exists) touches none of the others. One whose task is locked by somebody else, such as a host in
 *   the middle of its transaction, is written again by itself, and waits there.
 * - When a write fails in another way, later ones of its task that wait are not sent: they may rely on it.
 */
export class GroupedWrites {
  readonly #pool: ConnectionPool;
  readonly #statement: Statement;
  readonly #where: string;
  #waiting: Waiting[] = [];
  /** Tasks with a write that is under way. */
  readonly #busy = new Set<string>();
  /** The last write of each task, as long as it is not settled. */
  readonly #lastOfTask = new Map<string, Promise<void>>();
  #isTurnSoon = false;
  #isTurnComing = false;

  constructor(pool: ConnectionPool, statement: Statement, where: string) {
    this.#pool = pool;
    this.#statement = statement;
    this.#where = where;
  }

  /** Resolves when it is durable. */
  add(fence: Fence, batch: EncodedBatch): Promise<void> {
    const durable = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ fence, batch, characters: charactersOf(batch), settle: { resolve, reject } });
    });
    this.#remember(fence.task, durable);
    this.#askSoon();
    return durable;
  }

  /** Resolves when the writes of the task that were added until now are settled. */
  async settled(task: string): Promise<void> {
    const last = this.#lastOfTask.get(task);
    if (last !== undefined) await Promise.allSettled([last]);
  }

  /** Resolves when all writes that were added until now are settled. */
  async allSettled(): Promise<void> {
    await Promise.allSettled(this.#lastOfTask.values());
  }

  #remember(task: string, durable: Promise<void>): void {
    this.#lastOfTask.set(task, durable);
    const forget = (): void => {
      if (this.#lastOfTask.get(task) === durable) this.#lastOfTask.delete(task);
    };
    durable.then(forget, forget);
  }

  /** Right after sockets were read: what arrived together is written together. */
  #askSoon(): void {
    if (this.#isTurnSoon) return;
    this.#isTurnSoon = true;
    setImmediate(() => {
      this.#isTurnSoon = false;
      this.#askForTurn();
    });
  }

  /** Asks for a connection for what can be written now, unless it is waiting for one. */
  #askForTurn(): void {
    if (this.#isTurnComing || !this.#waiting.some(({ fence }) => !this.#busy.has(fence.task))) return;
    this.#isTurnComing = true;
    const begin = (): Waiting[] => {
      this.#isTurnComing = false;
      const group = this.#takeGroup();
      this.#askForTurn();
      return group;
    };
    void this.#pool
      .use((connection) => this.#writeGroup(connection, begin()))
      .catch((error: unknown) => {
        // There is no connection: whoever waits now would wait for the same.
        for (const write of begin()) this.#fail(write, error);
      });
  }

  #takeGroup(): Waiting[] {
    const group: Waiting[] = [];
    const rest: Waiting[] = [];
    let characters = 0;
    let isFull = false;
    for (const write of this.#waiting) {
      // It stays full: a smaller write must not overtake an earlier one of its task.
      isFull ||=
        group.length === writesInGroup || (group.length > 0 && characters + write.characters > charactersInGroup);
      if (isFull || this.#busy.has(write.fence.task)) {
        rest.push(write);
        continue;
      }
      this.#busy.add(write.fence.task);
      group.push(write);
      characters += write.characters;
    }
    this.#waiting = rest;
    return group;
  }

  async #writeGroup(connection: Connection, group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    try {
      const refusals = await writeBatches(connection, this.#statement, group, { waits: false });
      for (const [index, write] of group.entries()) this.#tell(write, refusals.get(index));
    } catch (error) {
      // One of them broke it, such as one with a key that is too long. Which of them, each finds out by itself.
      const isForAll = group.length === 1 || !isRefusedByServer(error);
      for (const write of group) {
        if (isForAll) this.#fail(write, error);
        else this.#writeAlone(write);
      }
    }
  }

  #writeAlone(write: Waiting): void {
    const work = async (connection: Connection): Promise<void> => {
      const refusals = await writeBatches(connection, this.#statement, [write], { waits: true });
      this.#tell(write, refusals.get(0));
    };
    void this.#pool.use(work, { isPatient: true }).catch((error: unknown) => this.#fail(write, error));
  }

  #tell(write: Waiting, refusal: Refusal | undefined): void {
    if (refusal?.refusal === 'locked') {
      this.#writeAlone(write);
      return;
    }
    const { fence, settle } = write;
    if (refusal === undefined) settle.resolve();
    else if (refusal.refusal === 'exists') settle.reject(keyExistsError(fence.task, refusal.key));
    else settle.reject(fencedError(fence, refusal.heldEpoch));
    this.#free(fence.task);
  }

  #fail({ fence, settle }: Waiting, error: unknown): void {
    const reason = storeErrorOf(error, { what: 'write', where: this.#where, task: fence.task, changes: true });
    settle.reject(reason);
    const isNext = (waiting: Waiting): boolean => waiting.fence.task === fence.task;
    const next = this.#waiting.filter(isNext);
    this.#waiting = this.#waiting.filter((waiting) => !isNext(waiting));
    for (const waiting of next) waiting.settle.reject(notSentError(fence.task, this.#where, reason));
    this.#free(fence.task);
  }

  #free(task: string): void {
    this.#busy.delete(task);
    this.#askSoon();
  }
}

function notSentError(task: string, where: string, cause: unknown): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `Cannot write task ${JSON.stringify(task)} in ${where}: an earlier write of it failed, and this one was not sent. Open the ` +
      'task again and read what is there',
    { cause },
  );
}

function charactersOf({ changes }: EncodedBatch): number {
  return changes.reduce((sum, [key, text = '']) => sum + key.length + text.length, 0);
}
