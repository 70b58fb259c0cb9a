/** Holds back whoever may not go on before everything committed is applied. */
export class ApplyGate {
  readonly #waiting = new Set<{ pass: (isPassed: boolean) => void; fail: (error: unknown) => void }>();
  #state: { is: 'open' | 'shut' | 'ended' } | { is: 'failed'; error: unknown } = { is: 'open' };

  /** Something has been committed that is not applied. */
  shut(): void {
    this.#state = { is: 'shut' };
  }

  /** Everything is applied. */
  open(): void {
    this.#change({ is: 'open' });
  }

  /** It could not be applied. */
  fail(error: unknown): void {
    this.#change({ is: 'failed', error });
  }

  /** The session is over. */
  end(): void {
    this.#change({ is: 'ended' });
  }

  /** Resolves with whether it is open; false: the session is over. Rejects when it could not be applied. */
  async passed(): Promise<boolean> {
    if (this.#state.is === 'failed') throw this.#state.error;
    if (this.#state.is !== 'shut') return this.#state.is === 'open';
    return new Promise((pass, fail) => this.#waiting.add({ pass, fail }));
  }

  #change(state: { is: 'open' | 'ended' } | { is: 'failed'; error: unknown }): void {
    this.#state = state;
    for (const { pass, fail } of this.#waiting) {
      if (state.is === 'failed') fail(state.error);
      else pass(state.is === 'open');
    }
    this.#waiting.clear();
  }
}
