/**
 * The range of keys that begin with a prefix, in the order of code points: from the prefix up to, and without, `end`.
 * Undefined: there is no text behind them all, as for the empty prefix.
 */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.length > 0) {
    const last = points.pop() ?? 0;
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}
