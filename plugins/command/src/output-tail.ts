/** How much of what a program wrote is kept as evidence. */
export const evidenceBytes = 4096;

/** The end of what a program wrote: why it failed stands there. However much it writes, memory does not grow. */
export class OutputTail {
  #kept: Buffer = Buffer.alloc(0);
  #isCut = false;

  add(chunk: Uint8Array): void {
    const all = Buffer.concat([this.#kept, chunk.subarray(-evidenceBytes)]);
    this.#isCut ||= this.#kept.length + chunk.length > evidenceBytes;
    // A copy, which does not keep the chunk.
    this.#kept = Buffer.from(all.subarray(-evidenceBytes));
  }

  /**
   * One line, without control characters. Of output that was cut it begins with the first whole word, because the rest of a
   * secret would not be known for one (I8).
   */
  line(): string {
    const text = new TextDecoder().decode(this.#kept);
    const whole = this.#isCut ? text.slice(wholeWordsFrom(text)) : text;
    const line = whole.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
    return this.#isCut && line !== '' ? `…${line}` : line;
  }
}

function wholeWordsFrom(text: string): number {
  const blank = text.search(/\s/);
  return blank === -1 ? text.length : blank;
}
