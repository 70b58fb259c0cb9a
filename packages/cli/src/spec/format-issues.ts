import { createColors } from 'picocolors';
import type { SpecIssue } from './spec-issue.js';

/**
 * Issues for people and for grep: one line each, `file:line:column` first, in the order of the file. What an editor or a
 * terminal could take for a command is written as an escape.
 *
 * @param file What the spec is called.
 * @param options Whether severities are coloured.
 * @returns Lines that each end with a line feed; `''` without issues.
 */
export function formatIssues(
  issues: readonly SpecIssue[],
  file: string,
  { isColored }: { isColored: boolean },
): string {
  const colours = createColors(isColored);
  const places = issues.map(({ line, column }) => `${file}:${line}:${column}`);
  const width = Math.max(0, ...places.map(({ length }) => length));
  const lines = issues
    .toSorted((left, right) => left.line - right.line || left.column - right.column)
    .map((issue) => {
      const place = `${file}:${issue.line}:${issue.column}`.padEnd(width);
      const severity = (issue.severity === 'error' ? colours.red : colours.yellow)(issue.severity.padEnd(7));
      const trigger = issue.trigger === undefined ? '' : `trigger "${issue.trigger}": `;
      return [place, severity, visible(`${trigger}${issue.message}`), colours.dim(issue.code)].join('  ');
    });
  // An anchor that several materializations share is wrong once.
  return [...new Set(lines)].map((line) => `${line}\n`).join('');
}

/** Names from the spec stand in messages, and may hold line ends and escapes. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}
