type Expected = 'value' | 'valueOrEnd' | 'name' | 'nameOrEnd' | 'colon' | 'commaOrEnd' | 'end';

/**
 * The offset of the first character at which a text stops being JSON, its length when it ends too early, undefined when it
 * is JSON. Keeps its own stack, so depth costs no recursion.
 */
export function findJsonError(text: string): number | undefined {
  const closers: string[] = [];
  let expected: Expected = 'value';
  let offset = skipWhitespace(text, 0);
  while (offset < text.length && expected !== 'end') {
    const character = text[offset];
    if (
      (expected === 'valueOrEnd' || expected === 'nameOrEnd' || expected === 'commaOrEnd') &&
      character === closers.at(-1)
    ) {
      closers.pop();
      expected = afterValue(closers);
      offset += 1;
    } else if (expected === 'commaOrEnd') {
      if (character !== ',') return offset;
      expected = closers.at(-1) === '}' ? 'name' : 'value';
      offset += 1;
    } else if (expected === 'colon') {
      if (character !== ':') return offset;
      expected = 'value';
      offset += 1;
    } else if (expected === 'name' || expected === 'nameOrEnd') {
      if (character !== '"') return offset;
      const scanned = scanString(text, offset);
      if ('error' in scanned) return scanned.error;
      expected = 'colon';
      offset = scanned.end;
    } else if (character === '{' || character === '[') {
      closers.push(character === '{' ? '}' : ']');
      expected = character === '{' ? 'nameOrEnd' : 'valueOrEnd';
      offset += 1;
    } else {
      const scanned = character === '"' ? scanString(text, offset) : scanLiteral(text, offset);
      if ('error' in scanned) return scanned.error;
      expected = afterValue(closers);
      offset = scanned.end;
    }
    offset = skipWhitespace(text, offset);
  }
  return expected === 'end' && offset === text.length ? undefined : offset;
}

// Codes, because a payload can have millions of characters.
const quote = 0x22;
const space = 0x20;
const backslash = 0x5c;

type Scanned = { readonly end: number } | { readonly error: number };

function afterValue(closers: readonly string[]): Expected {
  return closers.length === 0 ? 'end' : 'commaOrEnd';
}

function skipWhitespace(text: string, from: number): number {
  let offset = from;
  while (offset < text.length && ' \t\n\r'.includes(text.charAt(offset))) offset += 1;
  return offset;
}

function scanString(text: string, from: number): Scanned {
  let offset = from + 1;
  while (offset < text.length) {
    const code = text.charCodeAt(offset);
    if (code === quote) return { end: offset + 1 };
    if (code < space) return { error: offset };
    if (code === backslash) {
      const escapeLength = matchLength(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y, text, offset);
      if (escapeLength === 0) return { error: offset };
      offset += escapeLength;
    } else {
      offset += 1;
    }
  }
  return { error: text.length };
}

function scanLiteral(text: string, from: number): Scanned {
  const length = matchLength(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y, text, from);
  return length === 0 ? { error: from } : { end: from + length };
}

function matchLength(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.[0].length ?? 0;
}
