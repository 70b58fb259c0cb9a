/** Where a text stops to be JSON, and why. Shows nothing of the text. */
export type JsonFault = {
  /** 1-based, in UTF-16 units, as editors count. */
  column: number;
  reason: string;
};

type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing';

const whitespace = /[ \t\n\r]*/y;
const literal = /true|false|null/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;

/**
 * Finds what makes a text no JSON. The messages of the engine are of no use for that: they quote the text, which is
 * data, and say the position only sometimes.
 *
 * @returns Undefined: the text is JSON.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: Array<'object' | 'array'> = [];
  let expected: Expected = 'value';
  let index = 0;
  const fault = (reason: string, at = index): JsonFault => ({ column: at + 1, reason });
  const afterValue = (): Expected => (open.length === 0 ? 'nothing' : 'comma or end');

  for (;;) {
    index = endOf(whitespace, text, index) ?? index;
    const character = text[index];
    if (character === undefined) return expected === 'nothing' ? undefined : fault('the line ends too early');

    if (expected.endsWith('or end') && isEndOf(open.at(-1), character)) {
      open.pop();
      index += 1;
      expected = afterValue();
    } else if (expected === 'nothing') {
      return fault(character === '{' ? 'a second document begins on the same line' : 'something follows the document');
    } else if (expected === 'colon') {
      if (character !== ':') return fault('a colon is missing');
      index += 1;
      expected = 'value';
    } else if (expected === 'comma or end') {
      if (character !== ',') return fault(`a comma is missing, or the end of the ${open.at(-1)}`);
      index += 1;
      expected = open.at(-1) === 'object' ? 'name' : 'value';
    } else if (character === '"') {
      const end = endOfString(text, index);
      if (typeof end !== 'number') return end;
      index = end;
      expected = expected.startsWith('name') ? 'colon' : afterValue();
    } else if (expected.startsWith('name')) {
      return fault(character === '}' ? 'a comma stands before the end' : 'a field name in double quotes is missing');
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? 'object' : 'array');
      index += 1;
      expected = character === '{' ? 'name or end' : 'value or end';
    } else {
      const end = endOf(literal, text, index) ?? endOf(number, text, index);
      if (end === undefined) return fault(/[\d+.-]/.test(character) ? 'a number is malformed' : 'a value is missing');
      if (!/[a-z]/.test(character) && !Number.isFinite(Number(text.slice(index, end)))) {
        return fault('a number is too large');
      }
      index = end;
      expected = afterValue();
    }
  }
}

function isEndOf(open: 'object' | 'array' | undefined, character: string): boolean {
  return (open === 'object' && character === '}') || (open === 'array' && character === ']');
}

function endOf(token: RegExp, text: string, index: number): number | undefined {
  token.lastIndex = index;
  return token.test(text) ? token.lastIndex : undefined;
}

const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The index behind a string. Not by one expression: those have their limits in texts of many megabytes. */
function endOfString(text: string, start: number): number | JsonFault {
  let index = start + 1;
  while (index < text.length) {
    const character = text.charAt(index);
    if (character === '"') return index + 1;
    if (character < ' ') return { column: index + 1, reason: 'a control character stands in a text unescaped' };
    const next = character === '\\' ? endOf(escapeSequence, text, index) : index + 1;
    if (next === undefined) return { column: index + 1, reason: 'a backslash begins no escape of JSON' };
    index = next;
  }
  return { column: start + 1, reason: 'the text that begins there has no end' };
}
