import { createColors } from 'picocolors';
import { inThousands } from '../terminal/readable-text.js';
import { byPlace } from './issue-collector.js';
import type { SpecIssue } from './spec-issue.js';

/** Nobody reads more at once. */
const mostLines = 20;

/**
 * Issues for people and for grep: one line each, `file:line:column` first, in the order of the file. What an editor or a
 * terminal could take for a command is written as an escape. Of more than 20 the first errors are shown, and how many more
 * there are.
 *
 * @param file What the spec is called; an issue of another file names that one.
 * @param options Whether severities are coloured.
 * @returns Lines that each end with a line feed; `''` without issues.
 */
export function formatIssues(
  issues: readonly SpecIssue[],
  file: string,
  { isColored }: { isColored: boolean },
): string {
  const colours = createColors(isColored);
  const distinct = withoutRepetitions(issues);
  const shown = mostImportant(distinct);
  const placeOf = (issue: SpecIssue): string => `${issue.file ?? file}:${issue.line}:${issue.column}`;
  const places = shown.map(placeOf);
  const width = Math.max(0, ...places.map(({ length }) => length));
  const lines = shown.toSorted(byPlace).map((issue) => {
    const place = placeOf(issue).padEnd(width);
    const severity = (issue.severity === 'error' ? colours.red : colours.yellow)(issue.severity.padEnd(7));
    const trigger = issue.trigger === undefined ? '' : `trigger "${issue.trigger}": `;
    return [place, severity, visible(`${trigger}${issue.message}`), colours.dim(issue.code)].join('  ');
  });
  const more = distinct.length - shown.length;
  const rest = more === 0 ? [] : [`${file}: and ${inThousands(more)} more (validate --json prints all)`];
  return [...lines, ...rest].map((line) => `${line}\n`).join('');
}

/** An anchor that several materializations share is wrong once. */
function withoutRepetitions(issues: readonly SpecIssue[]): SpecIssue[] {
  const byText = new Map(
    issues.map((issue) => {
      const { file, line, column, severity, code, trigger, message } = issue;
      return [JSON.stringify([file, line, column, severity, code, trigger, message]), issue] as const;
    }),
  );
  return [...byText.values()];
}

function mostImportant(issues: readonly SpecIssue[]): SpecIssue[] {
  const isError = ({ severity }: SpecIssue): boolean => severity === 'error';
  return [...issues.filter(isError), ...issues.filter((issue) => !isError(issue))].slice(0, mostLines);
}

/** Names from the spec stand in messages, and may hold line ends and escapes. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}
