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
  /&#x([0-9a-f]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos|sol|equals|plus);|\\u([0-9a-f]{4})|\\(["\\/])|((?:%[0-9a-f]{2})+)/gi;

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  sol: '/',
  equals: '=',
  plus: '+',
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

function readEscape([whole, hex, decimal, entity, unit, plain, bytes]: RegExpMatchArray): string {
  if (hex !== undefined || decimal !== undefined)
    return fromCodePoint(Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10));
  if (entity !== undefined) return entities[entity.toLowerCase()] ?? whole;
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
  if (plain !== undefined) return plain;
  return fromUtf8(bytes ?? '') ?? whole;
}

function fromCodePoint(codePoint: number): string {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : '';
}

/** Undefined: the bytes are no text. */
function fromUtf8(percentEncoded: string): string | undefined {
  try {
    return decodeURIComponent(percentEncoded);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
