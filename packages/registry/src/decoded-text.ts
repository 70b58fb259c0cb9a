/** A text in which something is read, such as escapes, and where in the original each of its characters stands. */
export type DecodedText = {
  text: string;
  /** For each character where what it was read from begins in the original, and where that ends. */
  starts: ArrayLike<number>;
  ends: ArrayLike<number>;
};

/** A part of a text: from `start` to before `end`. */
export type TextRange = { start: number; end: number };

/** The text as it stands. */
export function asWritten(text: string): DecodedText {
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    starts[index] = index;
    ends[index] = index + 1;
  }
  return { text, starts, ends };
}

const escapes =
  /&#x([0-9a-f]{1,8});|&#(\d{1,8});|&(amp|lt|gt|quot|apos|sol|equals|plus|num|colon|semi|comma|period|lowbar|excl|commat);|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\(["\\/bfnrt])|((?:%[0-9a-f]{2})+)/gi;

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  sol: '/',
  equals: '=',
  plus: '+',
  num: '#',
  colon: ':',
  semi: ';',
  comma: ',',
  period: '.',
  lowbar: '_',
  excl: '!',
  commat: '@',
};

const controls: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * The text with the escapes of HTML, JSON and URLs read once: a receiver that echoes a request may write each character of
 * it in any of these ways. Read again for what was escaped twice. The same object when there are none.
 */
export function decodeEscapes(written: DecodedText): DecodedText {
  const { text, starts, ends } = written;
  let decoded = '';
  let position = 0;
  const decodedStarts: number[] = [];
  const decodedEnds: number[] = [];
  const copy = (until: number): void => {
    decoded += text.slice(position, until);
    for (; position < until; position += 1) {
      decodedStarts.push(starts[position] ?? 0);
      decodedEnds.push(ends[position] ?? 0);
    }
  };
  for (const match of text.matchAll(escapes)) {
    copy(match.index);
    const characters = readEscape(match);
    decoded += characters;
    position = match.index + match[0].length;
    for (let index = 0; index < characters.length; index += 1) {
      decodedStarts.push(starts[match.index] ?? 0);
      decodedEnds.push(ends[position - 1] ?? 0);
    }
  }
  if (position === 0) return written;
  copy(text.length);
  return { text: decoded, starts: decodedStarts, ends: decodedEnds };
}

/** Where, in the original, the characters of a range stand. It has at least one. */
export function originalRange({ starts, ends }: DecodedText, { start, end }: TextRange): TextRange {
  return { start: starts[start] ?? 0, end: ends[end - 1] ?? 0 };
}

function readEscape([whole, hex, decimal, entity, unit, byte, plain, bytes]: RegExpMatchArray): string {
  if (hex !== undefined || decimal !== undefined)
    return fromCodePoint(Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10));
  if (entity !== undefined) return entities[entity.toLowerCase()] ?? whole;
  if (unit !== undefined || byte !== undefined) return String.fromCharCode(Number.parseInt(unit ?? byte ?? '', 16));
  if (plain !== undefined) return /[a-z]/i.test(plain) ? (controls[plain] ?? whole) : plain;
  return fromUtf8(bytes ?? '');
}

function fromCodePoint(codePoint: number): string {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : '';
}

/** Bytes that are no text become U+FFFD, and those around them are read all the same. */
function fromUtf8(percentEncoded: string): string {
  const bytes = percentEncoded.split('%').slice(1);
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)));
}
