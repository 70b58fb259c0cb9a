import { formatIssues } from '../spec/format-issues.js';
import { type CommandLineIo, hasColors } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import type { SpecIssues } from './spec-report.js';

/**
 * Says everything that is wrong, or looks wrong, with a spec: lines for people, or with `--json` one object for each issue.
 *
 * @param areAskedFor Whether people find them on standard output, because they asked for them.
 */
export function sayIssues(
  { path, issues }: SpecIssues,
  { stdout, stderr, isJson }: Outputs,
  env: CommandLineIo['env'],
  areAskedFor = false,
): void {
  if (isJson) {
    for (const issue of issues) stdout.line(JSON.stringify({ event: 'issue', file: path, ...issue }));
    return;
  }
  const output = areAskedFor ? stdout : stderr;
  output.write(formatIssues(issues, path, { isColored: hasColors(output.stream, env) }));
}
