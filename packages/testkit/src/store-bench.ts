import assert from 'node:assert/strict';
import {
  isStoreError,
  type Store,
  type StoreError,
  type StoreErrorCode,
  type TaskState,
} from '@aftercommit/persistence';
import type { StoreFault, StoreSubject, StoreTime } from './store-subject.js';

/** What a case needs from the subject beyond making a store. */
export type StoreAbility = 'reopen' | 'second' | 'forget' | 'fail';

/** One fact about stores. */
export type StoreCase = {
  readonly title: string;
  readonly needs?: StoreAbility;
  readonly run: (bench: StoreBench) => Promise<void>;
};

/** The subject during one case: remembers the stores it handed out and closes them afterwards. */
export class StoreBench {
  readonly #subject: StoreSubject;
  readonly #stores = new Set<Store>();
  #owners = 0;

  constructor(subject: StoreSubject) {
    this.#subject = subject;
  }

  create(options?: StoreTime): Promise<Store> {
    return this.#keep(this.#subject.create(options));
  }

  reopen(store: Store): Promise<Store> {
    return this.#keep(this.#subject.reopen?.(store));
  }

  second(store: Store): Promise<Store> {
    return this.#keep(this.#subject.second?.(store));
  }

  async forget(store: Store, task: string): Promise<void> {
    await this.#subject.forget?.(store, task);
  }

  async fail(store: Store, fault: StoreFault): Promise<void> {
    await this.#subject.fail?.(store, fault);
  }

  /** Whether the subject can do it. */
  can(ability: StoreAbility): boolean {
    return this.#subject[ability] !== undefined;
  }

  /** Opens a task under an owner of its own. */
  open(store: Store, task = 'task'): Promise<TaskState> {
    this.#owners += 1;
    return store.open(task, `owner-${this.#owners}`);
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
  }

  async #keep(opening: Promise<Store> | undefined): Promise<Store> {
    assert.ok(opening !== undefined, 'the subject cannot do what this case needs');
    const store = await opening;
    this.#stores.add(store);
    return store;
  }
}

/** Asserts that the call fails with the code, and gives back its error. */
export async function refusal(call: Promise<unknown>, code: StoreErrorCode): Promise<StoreError> {
  const error = await failure(call);
  assert.ok(isStoreError(error), `expected a StoreError ${code}, met ${String(error)}`);
  assert.equal(error.code, code);
  return error;
}

/** Asserts that the call fails, and gives back what it failed with. */
export async function failure(call: Promise<unknown>): Promise<unknown> {
  const [result] = await Promise.allSettled([call]);
  assert.ok(result.status === 'rejected', 'expected the call to fail, and it succeeded');
  return result.reason;
}
