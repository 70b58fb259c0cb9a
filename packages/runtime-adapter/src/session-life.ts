import { SessionError } from './session-error.js';

/**
 * How a session ends: once, because of the first error or because its host closes it, and in both cases step by step, so
 * that what is in flight is brought to its end first.
 */
export class SessionLife {
  readonly #materialization: string;
  readonly #steps: ReadonlyArray<() => Promise<void> | void>;
  readonly #onEnding: (ending: Promise<void>) => void;
  readonly #failed = new AbortController();
  #failure: { error: unknown; isTold: boolean } | undefined;
  #ending: Promise<void> | undefined;

  /**
   * @param steps What is done at the end, in order, each also when one before it failed.
   * @param onEnding Told once, when the end begins, what resolves when it is over.
   */
  constructor(
    materialization: string,
    steps: ReadonlyArray<() => Promise<void> | void>,
    onEnding: (ending: Promise<void>) => void,
  ) {
    this.#materialization = materialization;
    this.#steps = steps;
    this.#onEnding = onEnding;
  }

  /** Aborts with the error that ended the session, once everything has come to its end. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** The error that ended, or is ending, the session. Undefined: none so far. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Whether the end has begun. */
  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** The first error ends the session; those that follow from it say nothing new. Resolves when it has ended. */
  async fail(error: unknown): Promise<void> {
    this.#failure ??= { error, isTold: false };
    await this.#begin();
  }

  /** @throws The error that ended the session, unless another method threw it already. */
  async close(): Promise<void> {
    await this.#begin();
    if (this.#failure?.isTold === false) this.#throw(this.#failure);
  }

  /** Throws if the session is over, after everything in flight has been brought to its end. */
  async assertOpen(): Promise<void> {
    await this.#ending;
    this.assertNotOver();
  }

  /** Throws if the end has begun; what is in flight may not have ended yet. */
  assertNotOver(): void {
    if (this.#failure !== undefined) this.#throw(this.#failure);
    if (this.isOver) throw new SessionError('SESSION_CLOSED', `The session of ${this.#materialization} is closed.`);
  }

  /** The result of the operation; its error ends the session and is thrown once that has ended. */
  async orFail<Result>(operation: () => Promise<Result>): Promise<Result> {
    try {
      return await operation();
    } catch (error) {
      await this.fail(error);
      const failure = this.#failure;
      if (failure !== undefined && failure.error === error) failure.isTold = true;
      throw error;
    }
  }

  #throw(failure: { error: unknown; isTold: boolean }): never {
    failure.isTold = true;
    throw failure.error;
  }

  #begin(): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = this.#end();
      this.#onEnding(this.#ending);
    }
    return this.#ending;
  }

  /** Never throws: what goes wrong at the end is the session's failure, unless it has one already. */
  async #end(): Promise<void> {
    for (const step of this.#steps) {
      try {
        await step();
      } catch (error) {
        this.#failure ??= { error, isTold: false };
      }
    }
    if (this.#failure !== undefined) this.#failed.abort(this.#failure.error);
  }
}
