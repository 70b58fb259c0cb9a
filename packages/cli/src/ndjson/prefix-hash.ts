import { createHash, type Hash } from 'node:crypto';

/** The SHA-256 of the first bytes of a file, while more of it is read than counts already. */
export class PrefixHash {
  readonly #hash: Hash = createHash('sha256');
  #hashedBytes = 0;
  #arrived: Buffer[] = [];

  /** What was read next. It counts when `advance` says so. */
  arrive(chunk: Buffer): void {
    this.#arrived.push(chunk);
  }

  /** The first `bytes` bytes of the file count. They have arrived. */
  advance(bytes: number): void {
    while (this.#hashedBytes < bytes) {
      const chunk = this.#arrived.shift();
      if (chunk === undefined) throw new RangeError(`Only ${this.#hashedBytes} of ${bytes} bytes have arrived`);
      const counting = chunk.subarray(0, bytes - this.#hashedBytes);
      this.#hash.update(counting);
      this.#hashedBytes += counting.length;
      if (counting.length < chunk.length) this.#arrived.unshift(chunk.subarray(counting.length));
    }
  }

  /** Forgets what has arrived and does not count: it will be read again. */
  rewind(): void {
    this.#arrived = [];
  }

  /** Of the bytes that count, in hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
