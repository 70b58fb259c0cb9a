import { Composer, type CST, type Document, isScalar, LineCounter, type ParsedNode, Parser, visit } from 'yaml';
import { tooDeepAt } from './nesting.js';
import type { TextPosition } from './spec-issue.js';
import { yamlProblem } from './yaml-problem.js';

/** What keeps a text from being read, and where: an offset. */
export type SyntaxProblem = { offset: number; message: string };

/** The nodes of a text; `root` is undefined when it holds none, or has problems. */
export type ParsedYaml = {
  root: ParsedNode | undefined;
  problems: SyntaxProblem[];
  positionAt(offset: number): TextPosition;
};

/** Numbers, booleans and null as JSON has them, and everything else a text: `yes`, `1:30` and `2024-01-01` are texts. */
const composing = {
  schema: 'core',
  version: '1.2',
  // Both are done where nodes are read: the library compares each key with each other.
  merge: false,
  uniqueKeys: false,
  resolveKnownTags: false,
  stringKeys: true,
} as const;

/** Parses one document of YAML, of which JSON is a part. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const positionAt = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return line === 0 ? { line: 1, column: offset + 1 } : { line, column: col };
  };
  const tooDeep = tooDeepAt(tokens);
  if (tooDeep !== undefined) {
    const message = 'This is nested deeper than 200 levels. Look for brackets that are not closed.';
    return { root: undefined, problems: [{ offset: tooDeep, message }], positionAt };
  }
  const { document, problems } = compose(tokens, text);
  const firsts = firstOfEachLine(problems, positionAt);
  return { root: firsts.length > 0 ? undefined : (document?.contents ?? undefined), problems: firsts, positionAt };
}

function compose(
  tokens: CST.Token[],
  text: string,
): { document: Document.Parsed | undefined; problems: SyntaxProblem[] } {
  const [document, second] = new Composer(composing).compose(tokens, true, text.length);
  const problems = document === undefined ? [] : problemsOf(document, text);
  if (second !== undefined) {
    const message = 'A second document begins here ("---"). A spec is one: remove this line, or use two files.';
    problems.push({ offset: second.range[0], message });
  }
  return { document, problems };
}

function problemsOf(document: Document.Parsed, text: string): SyntaxProblem[] {
  return [...document.errors, ...document.warnings].map((error) => {
    const isQuote = error.message.startsWith('Missing closing') && error.message.endsWith('quote');
    const offset = isQuote ? openingQuote(document, error.pos[0]) : error.pos[0];
    return { offset, message: yamlProblem(error, text) };
  });
}

/** A quote that is not closed is missed at the end of the file; where it was opened says more. */
function openingQuote(document: Document.Parsed, end: number): number {
  let opening = end;
  visit(document, (_key, node) => {
    if (!isScalar(node) || !node.range || node.range[1] < end) return;
    if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') [opening] = node.range;
  });
  return opening;
}

/** What is found later in a line mostly follows from what was found first. */
function firstOfEachLine(
  problems: readonly SyntaxProblem[],
  positionAt: (offset: number) => TextPosition,
): SyntaxProblem[] {
  const firsts = new Map<number, SyntaxProblem>();
  for (const problem of problems.toSorted((left, right) => left.offset - right.offset)) {
    const { line } = positionAt(problem.offset);
    if (!firsts.has(line)) firsts.set(line, problem);
  }
  return [...firsts.values()];
}
