import { createHook } from 'node:async_hooks';
import { contacts } from './kind-contacts.js';
import type { KindScope } from './kind-scope.js';

/** One timer may be the last of something that ends; a second one goes on. */
const mostTimers = 1;

/** Sees what a kind begins from some moment on: contacts, and timers again and again. */
export class ActivityWatch {
  readonly #contacts = new Set<string>();
  #timers = 0;
  readonly #hook;

  constructor(scope: KindScope) {
    this.#hook = createHook({
      init: (_id, type) => {
        if (!scope.isInside) return;
        const contact = contacts[type];
        if (contact !== undefined) this.#contacts.add(contact);
        if (type === 'Timeout') this.#timers += 1;
      },
    });
  }

  start(): void {
    this.#hook.enable();
  }

  stop(): void {
    this.#hook.disable();
  }

  /** What was begun, each once. */
  get seen(): string[] {
    return [...this.#contacts, ...(this.#timers > mostTimers ? ['starts timers'] : [])];
  }
}
