import { signalExitCode } from '../exit-code.js';
import type { CommandLineIo, StopSignal } from '../terminal/command-line-io.js';

/** Whether somebody asked the run to end: by a signal, or by going away from what it prints. */
export class StopRequest {
  readonly signal: AbortSignal;
  readonly #io: CommandLineIo;
  readonly #controller = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #onFirst: (signal: StopSignal) => void;
  #isSignalled = false;

  /** @param onFirst The first signal came: the run ends as soon as what is in flight has ended. */
  constructor(io: CommandLineIo, onFirst: (signal: StopSignal) => void) {
    this.#io = io;
    this.#onFirst = onFirst;
    this.signal = this.#controller.signal;
    this.#unsubscribe = io.onSignal((signal) => this.#receive(signal));
  }

  /** Ends the run as the first signal does. */
  stop(): void {
    this.#controller.abort();
  }

  /** Signals do again what they do by themselves. */
  release(): void {
    this.#unsubscribe();
  }

  #receive(signal: StopSignal): void {
    if (this.#isSignalled) {
      this.#io.exit(signalExitCode(signal));
      return;
    }
    this.#isSignalled = true;
    this.#onFirst(signal);
    this.stop();
  }
}
