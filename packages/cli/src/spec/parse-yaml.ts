import {
  Composer,
  type CST,
  type Document,
  isScalar,
  LineCounter,
  type ParsedNode,
  Parser,
  visit,
  type YAMLError,
} from 'yaml';
import { tooDeepAt } from './nesting.js';
import { outerIndentationProblem } from './outer-indentation.js';
import type { TextPosition } from './spec-issue.js';
import { yamlProblem } from './yaml-problem.js';

/** What keeps a text from being read, and where: an offset. */
export type SyntaxProblem = { offset: number; message: string };

/** The same, with what others may follow from. */
type FoundProblem = SyntaxProblem & { kind: 'tab' | 'indentation' | 'unexpected' | 'quote' | 'other' };

const indentedBelowValue =
  'The next line is indented further than this field, which has a value already. Indent the fields of one mapping alike, and put a value that is a text with ": " in it in quotes.';

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
  const lines = linesOf(text);
  const tokens = [...new Parser().parse(text)];
  const positionAt = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line, column: col };
  };
  const tooDeep = tooDeepAt(tokens);
  if (tooDeep !== undefined) {
    const message = 'This is nested deeper than 200 levels. Look for brackets that are not closed.';
    return { root: undefined, problems: [{ offset: tooDeep, message }], positionAt };
  }
  const { document, problems } = compose(tokens, text);
  const firsts = firstOfEachLine(withoutConsequences(problems), positionAt);
  return { root: firsts.length > 0 ? undefined : (document?.contents ?? undefined), problems: firsts, positionAt };
}

/** Not by the parser, which does not tell of line ends inside of what it cannot read. */
function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  for (let start = 0; start !== 0 || lines.lineStarts.length === 0; start = text.indexOf('\n', start) + 1) {
    lines.addNewLine(start);
  }
  return lines;
}

function compose(
  tokens: CST.Token[],
  text: string,
): { document: Document.Parsed | undefined; problems: FoundProblem[] } {
  const [document, second] = new Composer(composing).compose(tokens, true, text.length);
  const problems = document === undefined ? [] : problemsOf(document, text);
  if (second !== undefined) {
    const message = 'A second document begins here ("---"). A spec is one: remove this line, or use two files.';
    problems.push({ offset: second.range[0], message, kind: 'other' });
  }
  return { document, problems };
}

function problemsOf(document: Document.Parsed, text: string): FoundProblem[] {
  const errors = [...document.errors, ...document.warnings];
  const insideValues = new Set(startsOf(errors, 'BLOCK_AS_IMPLICIT_KEY'));
  const overLines = new Set(startsOf(errors, 'MULTILINE_IMPLICIT_KEY'));
  return errors.map((error) => {
    const [start] = error.pos;
    // The value goes on in the next line, and there is a field in it.
    if (insideValues.has(start) && overLines.has(start)) {
      return { offset: start, message: indentedBelowValue, kind: 'indentation' };
    }
    const isQuote = error.message.startsWith('Missing closing') && error.message.endsWith('quote');
    const offset = isQuote ? openingQuote(document, start) : start;
    const kind = isQuote ? 'quote' : kindOf(error);
    return { offset, message: outerIndentationProblem(error, text) ?? yamlProblem(error, text), kind };
  });
}

function startsOf(errors: readonly YAMLError[], code: YAMLError['code']): number[] {
  return errors.filter((error) => error.code === code).map(({ pos: [start] }) => start);
}

function kindOf({ code }: YAMLError): FoundProblem['kind'] {
  if (code === 'TAB_AS_INDENT') return 'tab';
  if (code === 'BAD_INDENT') return 'indentation';
  return code === 'UNEXPECTED_TOKEN' ? 'unexpected' : 'other';
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

/**
 * Correct lines look wrong behind a line that is indented wrongly, behind the end of everything, and behind a quote that takes in
 * all of the rest.
 */
function withoutConsequences(problems: readonly FoundProblem[]): FoundProblem[] {
  const sorted = problems.toSorted((left, right) => left.offset - right.offset);
  const indented = sorted.find(({ kind }) => kind === 'tab' || kind === 'indentation');
  const unexpected = sorted.find(({ kind }) => kind === 'unexpected');
  const quote = sorted.find(({ kind }) => kind === 'quote');
  return sorted.filter((problem) => {
    if (quote !== undefined && problem.offset > quote.offset) return false;
    if (problem.kind === 'indentation') return problem === indented;
    return problem.kind !== 'unexpected' || problem === unexpected;
  });
}

/** What is found later in a line mostly follows from what was found first. */
function firstOfEachLine(
  problems: readonly SyntaxProblem[],
  positionAt: (offset: number) => TextPosition,
): SyntaxProblem[] {
  const firsts = new Map<number, SyntaxProblem>();
  for (const problem of problems) {
    const { line } = positionAt(problem.offset);
    if (!firsts.has(line)) firsts.set(line, problem);
  }
  return [...firsts.values()];
}
