const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A line with its line end. */
export type Line = {
  /** Without the line end, `\n` or `\r\n`. */
  content: Buffer;
  /** The length with the line end. */
  bytes: number;
};

/** Splits what is read chunk by chunk into lines. Copies nothing but lines that lie in several chunks. */
export class LineSplitter {
  #chunk: Buffer = Buffer.alloc(0);
  #start = 0;
  /** What earlier chunks hold of the line that is not ended yet. */
  #begun: Buffer[] = [];
  #begunBytes = 0;

  /** Goes on with the next chunk, which must not be written to any more. Called when `next` has no line left. */
  push(chunk: Buffer): void {
    const rest = this.#chunk.subarray(this.#start);
    if (rest.length > 0) this.#begun.push(rest);
    this.#begunBytes += rest.length;
    this.#chunk = chunk;
    this.#start = 0;
  }

  /** The next line that is ended. */
  next(): Line | undefined {
    const end = this.#chunk.indexOf(lineFeed, this.#start);
    if (end === -1) return undefined;
    const line = this.#withBegun(this.#chunk.subarray(this.#start, end));
    this.#begun = [];
    this.#begunBytes = 0;
    this.#start = end + 1;
    return { content: withoutCarriageReturn(line), bytes: line.length + 1 };
  }

  /** The length of what follows the last line end. */
  get unfinishedBytes(): number {
    return this.#begunBytes + this.#chunk.length - this.#start;
  }

  /** What follows the last line end; it stays there. */
  unfinished(): Line {
    const line = this.#withBegun(this.#chunk.subarray(this.#start));
    return { content: withoutCarriageReturn(line), bytes: line.length };
  }

  #withBegun(rest: Buffer): Buffer {
    return this.#begun.length === 0 ? rest : Buffer.concat([...this.#begun, rest]);
  }
}

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
