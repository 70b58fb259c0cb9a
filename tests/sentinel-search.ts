/**
 * Every secret of the task begins and ends with one of these: what is left of one, at either end and in whatever spelling, is
 * found.
 */
const markers = ['hushhush', 'shushush'] as const;

/** Makes a secret of which every beginning and end is found. */
export function sentinel(inner: string): string {
  return `${markers[0]}${inner}${markers[1]}`;
}

/** Names the spellings in which the bytes hold a piece of a secret. Empty: they hold none. */
export function sentinelsIn(bytes: Uint8Array | string): string[] {
  const text = Buffer.from(bytes).toString('latin1');
  // Line ends go: an encoding may be wrapped to lines.
  const texts = [text, text.replaceAll(/[\r\n]+|\\[rn]/g, '')];
  return spellings.filter(({ pattern }) => texts.some((one) => pattern.test(one))).map(({ name }) => name);
}

const spellings = markers.flatMap((marker) => [
  { name: `${marker} as it is`, pattern: anyOf([marker], 'i') },
  { name: `${marker} in hex`, pattern: anyOf([Buffer.from(marker).toString('hex')], 'i') },
  { name: `${marker} in base64`, pattern: anyOf([0, 1, 2].map((offset) => base64Core(marker, offset))) },
  { name: `${marker} in a URL`, pattern: anyOf([eachCharacter(marker, (hex) => `%${hex}`)], 'i') },
  { name: `${marker} in JSON`, pattern: anyOf([eachCharacter(marker, (hex) => `\\\\u00${hex}`)], 'i') },
  { name: `${marker} in HTML`, pattern: anyOf([eachCharacter(marker, (hex) => `&#x${hex};`)], 'i') },
  { name: `${marker} in UTF-16`, pattern: anyOf([Array.from(marker).join('\\0')]) },
]);

function anyOf(alternatives: readonly string[], flags = ''): RegExp {
  return new RegExp(alternatives.join('|'), flags);
}

function eachCharacter(text: string, spell: (hex: string) => string): string {
  return Array.from(text, (character) => spell(character.charCodeAt(0).toString(16))).join('');
}

/** The characters of base64 that say nothing but this text, where it begins so many bytes into what was encoded. */
function base64Core(text: string, offset: number): string {
  const encoded = Buffer.from(`${'\0'.repeat(offset)}${text}`).toString('base64');
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + text.length) * 8) / 6));
}
