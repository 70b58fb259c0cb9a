import type { Clock } from '@aftercommit/registry';
import type { Interruption } from './interruption.js';
import type { TransactionLimits } from './materialization-options.js';
import type { SourceInput } from './source-input.js';

/** When a transaction has waited long enough for more documents. */
export class TransactionClosing {
  readonly #input: SourceInput;
  readonly #timers = new AbortController();
  #isSettled = false;
  #isMinOver: boolean;
  #isMaxOver = false;

  /** @param settling Resolves when the transaction before it holds up nothing. */
  constructor({ clock, limits, input, interruption }: ClosingContext, settling: Promise<void>) {
    this.#input = input;
    const { condition, fail } = interruption;
    const after = async (durationMs: number, then: () => void): Promise<void> => {
      await clock.sleep(durationMs, this.#timers.signal);
      then();
      condition.notify();
    };
    this.#isMinOver = limits.minDurationMs === 0;
    if (!this.#isMinOver) after(limits.minDurationMs, () => (this.#isMinOver = true)).catch(fail);
    after(limits.maxDurationMs, () => (this.#isMaxOver = true)).catch(fail);
    settling.then(() => {
      this.#isSettled = true;
      condition.notify();
    }, fail);
  }

  /** Its time is over, whatever is at hand. */
  get isOver(): boolean {
    return this.#isMaxOver;
  }

  /** Its time is over, or nothing holds it up and nothing more is at hand. */
  get isDue(): boolean {
    return this.#isMaxOver || (this.#isMinOver && this.#isSettled && this.#input.isCaughtUp);
  }

  /** Its timers are not needed any more. */
  cancel(): void {
    this.#timers.abort();
  }
}

type ClosingContext = {
  clock: Clock;
  limits: Required<TransactionLimits>;
  input: SourceInput;
  interruption: Interruption;
};
