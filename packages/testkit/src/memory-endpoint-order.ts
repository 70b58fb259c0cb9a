/** What a method may do at this moment of its session. */
type Moment = 'made' | 'reading' | 'flushed' | 'ended' | 'closed';

/**
 * The order in which a connector's methods are called. What a host owes is met with an error at once, so that a loop
 * which breaks the contract does not pass its tests by luck.
 */
export class MemoryEndpointOrder {
  #moment: Moment = 'made';
  #isAcknowledged = false;
  #isLoaded = false;
  #failure: unknown;

  get isClosed(): boolean {
    return this.#moment === 'closed';
  }

  beginOpen(): void {
    this.#assert(this.#moment === 'made', 'open() was called twice: one object is one session');
  }

  opened(): void {
    this.#beginTransaction();
  }

  beginAcknowledge(): void {
    this.#assert(this.#moment === 'reading', 'acknowledge() belongs between open() or startCommit() and flush()');
  }

  acknowledged(): void {
    this.#isAcknowledged = true;
  }

  beginLoad(): void {
    // It goes on beside acknowledge: a host that was not told yet why that failed calls in good faith.
    this.throwFailure();
    this.#assert(this.#moment === 'reading', 'load() belongs between open() or startCommit() and flush()');
    this.#assert(!this.#isLoaded, 'load() is called once per transaction');
    this.#isLoaded = true;
  }

  /** @param isLoading Whether answers of `load` are still taken. */
  beginFlush(isLoading: boolean): void {
    this.#assert(this.#moment === 'reading', 'flush() is called once per transaction, after open()');
    this.#assert(this.#isAcknowledged, 'flush() was called before acknowledge() had resolved');
    this.#assert(!isLoading, 'flush() was called before load() had come to its end');
    this.#moment = 'flushed';
  }

  beginStore(): void {
    this.#assert(this.#moment === 'flushed', 'store() belongs between flush() and startCommit()');
  }

  beginStartCommit(): void {
    this.#assert(this.#moment === 'flushed', 'startCommit() belongs behind flush() and store()');
  }

  committed(): void {
    this.#beginTransaction();
  }

  /** The contract: any error that is thrown ends the session. The first one stays. */
  failed(error: unknown): void {
    if (this.#moment === 'ended' || this.#moment === 'closed') return;
    this.#moment = 'ended';
    this.#failure = error;
  }

  closed(): void {
    this.#moment = 'closed';
  }

  /** For who waited meanwhile: throws what ended the session. */
  throwFailure(): void {
    if (this.#moment === 'ended') throw this.#failure;
  }

  #beginTransaction(): void {
    this.#moment = 'reading';
    this.#isAcknowledged = false;
    this.#isLoaded = false;
  }

  #assert(isInOrder: boolean, otherwise: string): void {
    if (this.#moment === 'closed')
      throw new Error('The session of this endpoint in memory is closed: open another one');
    if (this.#moment === 'ended') {
      throw new Error('The session of this endpoint in memory ended with an error: open another one', {
        cause: this.#failure,
      });
    }
    if (!isInOrder) throw new Error(`The order of calls is broken: ${otherwise}`);
  }
}
