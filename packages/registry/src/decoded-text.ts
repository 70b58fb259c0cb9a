/** A text in which escapes are read, and where in the original each of its characters stands. */
export type DecodedText = {
  text: string;
  /** For each character where its spelling begins, and where that of the last one ends. */
  starts: readonly number[];
  end: number;
};

/** The text as it stands. */
export function asWritten(text: string): DecodedText {
  return { text, starts: Array.from({ length: text.length }, (_, index) => index), end: text.length };
}

const escapes =
  /&#x([0-9a-f]{1,8});|&#(\d{1,8});|&(amp|lt|gt|quot|apos|sol|equals|plus|num|colon|semi|comma|period|lowbar|excl|commat);|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\(["\\/])|((?:%[0-9a-f]{2})+)/gi;

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

/**
 * The text with the escapes of HTML, JSON and URLs read once: a receiver that echoes a request may write each character of
 * it in any of these ways. Read again for what was escaped twice.
 */
export function decodeEscapes({ text, starts, end }: DecodedText): DecodedText {
  let decoded = '';
  const places: number[] = [];
  let position = 0;
  const copy = (until: number): void => {
    decoded += text.slice(position, until);
    for (; position < until; position += 1) places.push(starts[position] ?? end);
  };
  for (const match of text.matchAll(escapes)) {
    copy(match.index);
    const characters = readEscape(match);
    decoded += characters;
    for (let index = 0; index < characters.length; index += 1) places.push(starts[match.index] ?? end);
    position = match.index + match[0].length;
  }
  copy(text.length);
  return { text: decoded, starts: places, end };
}

/** Where, in the original, the characters from `from` to before `to` stand. */
export function originalRange(
  { text, starts, end }: DecodedText,
  from: number,
  to: number,
): { start: number; end: number } {
  const start = starts[from] ?? end;
  // The characters of one escape share a place: the range ends where the next spelling begins.
  let after = to;
  while (after < text.length && starts[after] === starts[to - 1]) after += 1;
  return { start, end: starts[after] ?? end };
}

function readEscape([whole, hex, decimal, entity, unit, byte, plain, bytes]: RegExpMatchArray): string {
  if (hex !== undefined || decimal !== undefined)
    return fromCodePoint(Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10));
  if (entity !== undefined) return entities[entity.toLowerCase()] ?? whole;
  if (unit !== undefined || byte !== undefined) return String.fromCharCode(Number.parseInt(unit ?? byte ?? '', 16));
  if (plain !== undefined) return plain;
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
