type Listener = (...args: unknown[]) => void;

const events = ['unhandledRejection', 'uncaughtException'] as const;

/**
 * Hears of failures that nobody handled, in the place of the test runner, which would end the whole run for them. They are the
 * case's to report.
 */
export class UnheardFailures {
  readonly failures: unknown[] = [];
  readonly #others = new Map<(typeof events)[number], Listener[]>();
  readonly #hear = (error: unknown): void => void this.failures.push(error);

  constructor() {
    for (const event of events) {
      this.#others.set(event, process.rawListeners(event) as Listener[]);
      process.removeAllListeners(event);
      process.on(event, this.#hear);
    }
  }

  stop(): void {
    for (const event of events) {
      process.off(event, this.#hear);
      for (const listener of this.#others.get(event) ?? []) process.on(event, listener);
    }
  }
}
