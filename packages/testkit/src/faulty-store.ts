import {
  type Fence,
  isStoreError,
  type Json,
  type Store,
  StoreError,
  type StoreSupports,
  type TaskState,
  type WriteBatch,
} from '@aftercommit/persistence';
import { TaskSession } from '@aftercommit/persistence/implement';
import type { StoreFault } from './store-subject.js';

/**
 * - `lost-request`: it was never sent, and the caller knows: `STORE_UNAVAILABLE`.
 * - `lost-reply`: the store did it, or refused it, and the answer is lost: `STORE_OUTCOME_UNKNOWN`.
 * - `lost-connection`: the request never arrived and the caller cannot know: `STORE_OUTCOME_UNKNOWN`.
 */
export type ConnectionFault = StoreFault | 'lost-connection';

/** The calls that change something, and so leave a doubt when they fail. */
export type FaultyCall = 'open' | 'write' | 'request';

/** Loses requests and replies of another store on command, as the network before a database does. */
export class FaultyStore implements Store {
  readonly #inner: Store;
  readonly #faults = new Map<FaultyCall, ConnectionFault>();

  /**
   * Loses nothing until it is told to.
   *
   * @param inner The store whose calls are passed on. It is closed with this one.
   */
  constructor(inner: Store) {
    this.#inner = inner;
  }

  /** What the inner store can do. */
  get supports(): StoreSupports {
    return this.#inner.supports;
  }

  /** Makes the next call of this name meet the fault, once. Default: the next write, of whichever session. */
  loseNext(fault: ConnectionFault, call: FaultyCall = 'write'): void {
    this.#faults.set(call, fault);
  }

  tasks(): Promise<string[]> {
    return this.#inner.tasks();
  }

  async open(task: string, owner: string, above?: bigint): Promise<TaskState> {
    const inner = await this.#carry('open', task, () => this.#inner.open(task, owner, above));
    const { onMessage } = inner;
    const session = new TaskSession(inner.fence, {
      get: (_fence: Fence, key: string) => inner.get(key),
      list: (_fence: Fence, prefix: string) => inner.list(prefix),
      write: (_fence: Fence, batch: WriteBatch) => this.#carry('write', task, () => inner.write(batch)),
      ...(onMessage && { onMessage: (_fence: Fence, listener: () => void) => onMessage.call(inner, listener) }),
    });
    inner.lost.addEventListener('abort', () => {
      if (isStoreError(inner.lost.reason)) session.end(inner.lost.reason);
    });
    return session;
  }

  read(task: string): Promise<Array<[key: string, value: Json]>> {
    return this.#inner.read(task);
  }

  request(task: string, value: Json): Promise<void> {
    return this.#carry('request', task, () => this.#inner.request(task, value));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #carry<Result>(name: FaultyCall, task: string, call: () => Promise<Result>): Promise<Result> {
    const fault = this.#faults.get(name);
    this.#faults.delete(name);
    if (fault === undefined) return call();
    const what = `The ${name} of task ${JSON.stringify(task)}`;
    if (fault === 'lost-request') {
      throw new StoreError('STORE_UNAVAILABLE', `${what} was not sent: nothing was changed. Try again`);
    }
    // The store's own refusal is lost with the reply: a caller over a network cannot tell.
    if (fault === 'lost-reply') await Promise.allSettled([call()]);
    throw new StoreError(
      'STORE_OUTCOME_UNKNOWN',
      `${what} has no reply: it was applied or not. Open the task again and read what is there`,
    );
  }
}
