/**
 * Where what was printed is not what a page shows. Undefined: it is that. `…` in a line stands for anything within it, and a line
 * that is nothing else for any number of lines. Spaces at the end of a line do not count.
 */
export function differenceOf(shown: string, printed: string): string | undefined {
  const expected = linesOf(shown);
  const actual = linesOf(printed);
  let furthest = { expected: 0, actual: 0 };
  /** The last line of `…`, and how many lines it has taken. */
  let gap: { at: number; until: number } | undefined;
  let [at, next] = [0, 0];
  while (at < expected.length || next < actual.length) {
    if (at > furthest.expected) furthest = { expected: at, actual: next };
    const line = expected[at];
    if (line?.trim() === '…') {
      gap = { at, until: next };
      at += 1;
    } else if (line !== undefined && next < actual.length && fits(line, actual[next] ?? '')) {
      at += 1;
      next += 1;
    } else if (gap !== undefined && gap.until < actual.length) {
      gap.until += 1;
      [at, next] = [gap.at + 1, gap.until];
    } else {
      const say = (lines: readonly string[], index: number) => lines[index] ?? 'nothing more';
      return `the page shows\n  ${say(expected, furthest.expected)}\nand it printed\n  ${say(actual, furthest.actual)}`;
    }
  }
  return undefined;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function fits(shown: string, printed: string): boolean {
  const pattern = shown.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${pattern.join('.*')}$`, 's').test(printed);
}
