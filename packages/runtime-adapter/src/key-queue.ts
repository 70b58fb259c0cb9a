import { Condition } from '@aftercommit/delivery/commit-loop';
import type { BindingKey } from './connector.js';

/** Keys to be looked up, handed to a connector while documents are still being read. */
export class KeyQueue implements AsyncIterable<BindingKey> {
  readonly #keys: BindingKey[] = [];
  readonly #changed = new Condition();
  #isEnded = false;

  push(key: BindingKey): void {
    this.#keys.push(key);
    this.#changed.notify();
  }

  /** No key follows. */
  end(): void {
    this.#isEnded = true;
    this.#changed.notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BindingKey> {
    for (let index = 0; ; index += 1) {
      await this.#changed.until(() => this.#isEnded || index < this.#keys.length);
      const key = this.#keys[index];
      if (key === undefined) return;
      yield key;
    }
  }
}
