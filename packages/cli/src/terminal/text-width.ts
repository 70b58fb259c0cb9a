/** Characters that take two columns: East Asian wide forms and pictographs. */
const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}]/u;
/** Characters that take none. */
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** What a person calls a character: with the accents and joiners that belong to it. */
const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many columns of a terminal a text without escape codes takes. */
export function textWidth(text: string): number {
  return charactersOf(text).reduce((width, character) => width + characterWidth(character), 0);
}

/** The text, or its beginning and `…`, in at most so many columns. */
export function fitEnd(text: string, columns: number): string {
  return textWidth(text) <= columns ? text : `${takeWidth(charactersOf(text), columns - 1).join('')}…`;
}

/** The text, or `…` and its end, in at most so many columns: what tells names apart stands at their end. */
export function fitStart(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  return `…${takeWidth(charactersOf(text).toReversed(), columns - 1)
    .toReversed()
    .join('')}`;
}

/** The text with spaces behind it, so many columns wide. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}

/**
 * The text in lines of at most so many columns, broken at spaces. A word that is longer stands in a line of its own.
 *
 * @param indent What every line but the first begins with.
 */
export function wrapWords(text: string, columns: number, indent: string): string[] {
  const [, before = '', words = ''] = /^( *)(.*?) *$/s.exec(text) ?? [];
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of words.split(' ')) {
    if (line !== undefined && textWidth(`${line} ${word}`) > columns) {
      lines.push(line);
      line = undefined;
    }
    line = line === undefined ? (lines.length === 0 ? before : indent) + word : `${line} ${word}`;
  }
  return line === undefined ? lines : [...lines, line];
}

function charactersOf(text: string): string[] {
  return Array.from(characters.segment(text), ({ segment }) => segment);
}

/** The first characters that fit, of some that do not fit all. */
function takeWidth(all: readonly string[], columns: number): string[] {
  let left = columns;
  const firstTooMany = all.findIndex((character) => {
    left -= characterWidth(character);
    return left < 0;
  });
  return all.slice(0, firstTooMany);
}

function characterWidth(character: string): number {
  if (invisible.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
