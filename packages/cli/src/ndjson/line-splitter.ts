import { isAscii } from 'node:buffer';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** A line with its line end. */
export class Line {
  /** The length with the line end. */
  readonly bytes: number;
  /** Without the line end, where all of it is known to be ASCII. Undefined: it may be anything. */
  readonly ascii: string | undefined;
  readonly #chunk: Buffer;
  readonly #start: number;
  readonly #end: number;

  /** @param ascii The text of the chunk, of one character for each byte. Undefined: it may be anything. */
  constructor(chunk: Buffer, ascii: string | undefined, start: number, end: number, bytes: number) {
    const isReturn = end > start && chunk[end - 1] === carriageReturn;
    this.bytes = bytes;
    this.#chunk = chunk;
    this.#start = start;
    this.#end = isReturn ? end - 1 : end;
    this.ascii = ascii?.slice(start, this.#end);
  }

  /** Without the line end, `\n` or `\r\n`. */
  get content(): Buffer {
    return this.#chunk.subarray(this.#start, this.#end);
  }

  /** The length without the line end. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The same line without what may begin the first line of a file. */
  withoutByteOrderMark(): Line {
    const { content } = this;
    if (!content.subarray(0, byteOrderMark.length).equals(byteOrderMark)) return this;
    return new Line(content, undefined, byteOrderMark.length, content.length, this.bytes);
  }

  /** Whether it holds nothing but spaces. */
  get isBlank(): boolean {
    for (let index = this.#start; index < this.#end; index += 1) {
      const byte = this.#chunk[index];
      if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn) return false;
    }
    return true;
  }
}

/** Splits what is read chunk by chunk into lines. Copies nothing but lines that lie in several chunks. */
export class LineSplitter {
  #chunk: Buffer = Buffer.alloc(0);
  /** All of the chunk, decoded at once: line by line it would take as long as the parsing. */
  #ascii: string | undefined;
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
    this.#ascii = isAscii(chunk) ? chunk.toString('latin1') : undefined;
    this.#start = 0;
  }

  /** The next line that is ended. */
  next(): Line | undefined {
    const start = this.#start;
    const end = this.#chunk.indexOf(lineFeed, start);
    if (end === -1) return undefined;
    this.#start = end + 1;
    if (this.#begun.length === 0) return new Line(this.#chunk, this.#ascii, start, end, end + 1 - start);
    const line = this.#withBegun(this.#chunk.subarray(start, end));
    this.#begun = [];
    this.#begunBytes = 0;
    return new Line(line, undefined, 0, line.length, line.length + 1);
  }

  /** The length of what follows the last line end. */
  get unfinishedBytes(): number {
    return this.#begunBytes + this.#chunk.length - this.#start;
  }

  /** What follows the last line end; it stays there. */
  unfinished(): Line {
    const line = this.#withBegun(this.#chunk.subarray(this.#start));
    return new Line(line, undefined, 0, line.length, line.length);
  }

  #withBegun(rest: Buffer): Buffer {
    return this.#begun.length === 0 ? rest : Buffer.concat([...this.#begun, rest]);
  }
}
