import { setMaxListeners } from 'node:events';
import { Condition } from '@aftercommit/delivery/commit-loop';

/**
 * What ends the wait for documents before there are any: the first error of anything that goes on beside it, or the wish
 * to stop.
 */
export class Interruption {
  /** Notified when it comes, and by everyone else who changes what the loop waits for. */
  readonly condition = new Condition();
  readonly #stop: AbortSignal | undefined;
  #failure: { error: unknown } | undefined;

  /** @param stop Undefined: nobody stops it. */
  constructor(stop: AbortSignal | undefined) {
    this.#stop = stop;
    if (stop === undefined) return;
    // One signal may stop any number of materializations: from the eleventh on Node would call that a leak.
    setMaxListeners(0, stop);
    stop.addEventListener('abort', this.#halt, { once: true });
  }

  /** Whether somebody wants the end; what is being read is given up. */
  get isStopped(): boolean {
    return this.#stop?.aborted ?? false;
  }

  /** The first error counts; those that follow from it say nothing new. */
  readonly fail = (error: unknown): void => {
    this.#failure ??= { error };
    this.condition.notify();
  };

  /** Throws the first error. */
  assertNone(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Resolves once `holds()`, or when it is stopped; throws the first error. */
  async until(holds: () => boolean): Promise<void> {
    await this.condition.until(() => this.#failure !== undefined || this.isStopped || holds());
    this.assertNone();
  }

  /**
   * The result of what goes on beside the loop, or undefined when it is stopped before; its error is the interruption's.
   */
  async orStopped<Result>(work: Promise<Result>): Promise<Result | undefined> {
    let done: { result: Result } | undefined;
    work.then((result) => {
      done = { result };
      this.condition.notify();
    }, this.fail);
    await this.until(() => done !== undefined);
    return done?.result;
  }

  /** Leaves nothing behind on the caller's signal. */
  release(): void {
    this.#stop?.removeEventListener('abort', this.#halt);
  }

  readonly #halt = (): void => this.condition.notify();
}
