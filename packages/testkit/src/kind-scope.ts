import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Knows what a kind does from what others do in the same process: the test runner, and a receiver that listens here. Whatever
 * follows from a call inside of the scope, also much later, is inside of it.
 */
export class KindScope {
  readonly #storage = new AsyncLocalStorage<true>();

  run<Result>(work: () => Result): Result {
    return this.#storage.run(true, work);
  }

  get isInside(): boolean {
    return this.#storage.getStore() === true;
  }

  /** From now on nothing is inside. A scope that is not ended costs whatever the process does later a little, for ever. */
  end(): void {
    this.#storage.disable();
  }
}
