/** What a server says of itself when somebody connects, as far as it matters here. */
export type ServerInfo = {
  /** The largest message that it takes, headers included, in bytes. */
  max_payload?: number;
  /** Whether messages may have headers. */
  headers?: boolean;
  tls_required?: boolean;
  tls_available?: boolean;
  /** What is signed with an NKey. */
  nonce?: string;
};

/** One thing that a server said. */
export type ServerOperation =
  | { name: 'INFO'; info: ServerInfo }
  | { name: 'MSG'; subject: string; status: string; text: string }
  | { name: '-ERR'; message: string }
  | { name: 'PING' | 'PONG' | '+OK' };

/** Bytes of a line: INFO names every server of a cluster. */
const longestLine = 128 * 1024;

/** Bytes of a message: an acknowledgement has a few hundred. */
const longestMessage = 64 * 1024;

const lineEnd = Buffer.from('\r\n');

/** Takes apart what a server sends. Its memory is bounded, whoever the server is. */
export class ProtocolReader {
  #unread: Buffer = Buffer.alloc(0);

  /** Whether the server said something that is not to its end. */
  get isAmidst(): boolean {
    return this.#unread.length > 0;
  }

  /**
   * What is complete by now, in order.
   *
   * @throws SyntaxError What was sent is not the protocol of NATS. The message quotes nothing of it.
   */
  read(chunk: Buffer): ServerOperation[] {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    const operations: ServerOperation[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) operations.push(next);
    return operations;
  }

  #next(): ServerOperation | undefined {
    const end = this.#unread.indexOf(lineEnd);
    if (end > longestLine || (end < 0 && this.#unread.length > longestLine)) throw new SyntaxError('an endless line');
    if (end < 0) return undefined;
    const line = this.#unread.toString('utf8', 0, end);
    const afterLine = end + lineEnd.length;
    const [word = '', ...rest] = line.split(/[ \t]+/);
    const name = word.toUpperCase();
    if (name === 'MSG' || name === 'HMSG') return this.#message(name === 'HMSG', rest, afterLine);
    this.#unread = this.#unread.subarray(afterLine);
    if (name === 'INFO') return { name, info: parseInfo(line.slice(word.length)) };
    if (name === '-ERR') return { name, message: rest.join(' ').replace(/^'(.*)'$/, '$1') };
    if (name === 'PING' || name === 'PONG' || name === '+OK') return { name };
    throw new SyntaxError('an unknown operation');
  }

  /** `MSG subject sid [reply] bytes`, or `HMSG subject sid [reply] bytes-of-headers bytes`. */
  #message(hasHeaders: boolean, [subject = '', ...fields]: string[], start: number): ServerOperation | undefined {
    const length = byteCount(fields.at(-1));
    const headerLength = hasHeaders ? byteCount(fields.at(-2)) : 0;
    if (headerLength > length) throw new SyntaxError('headers that are longer than their message');
    const end = start + length;
    if (this.#unread.length < end + lineEnd.length) return undefined;
    const head = this.#unread.toString('latin1', start, start + headerLength);
    const text = this.#unread.toString('utf8', start + headerLength, end);
    this.#unread = this.#unread.subarray(end + lineEnd.length);
    return { name: 'MSG', subject, status: /^NATS\/1\.0 (\d{3})/.exec(head)?.[1] ?? '', text };
  }
}

function parseInfo(text: string): ServerInfo {
  const info: unknown = JSON.parse(text);
  if (typeof info !== 'object' || info === null) throw new SyntaxError('INFO without an object');
  return info;
}

function byteCount(text: string | undefined): number {
  const bytes = /^\d{1,9}$/.test(text ?? '') ? Number(text) : Number.POSITIVE_INFINITY;
  if (bytes > longestMessage) throw new SyntaxError('a message without a length, or one that is too long');
  return bytes;
}
