import { formatIssues } from '../spec/format-issues.js';
import type { SpecIssue } from '../spec/spec-issue.js';
import { type CommandLineIo, hasColors } from '../terminal/command-line-io.js';
import type { Output, Outputs } from '../terminal/output.js';
import { counted } from '../terminal/readable-text.js';
import type { SpecFile } from './spec-file.js';

/** How many issues of each severity a spec has. */
export function countIssues({ issues }: Pick<SpecFile, 'issues'>): { errors: number; warnings: number } {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: issues.length - errors };
}

/** Says issues: for people on standard error, for programs as objects on standard output. */
export function sayIssues(
  issues: readonly SpecIssue[],
  file: string,
  isJson: boolean,
  { env }: Pick<CommandLineIo, 'env'>,
  { stdout, stderr }: Outputs,
): void {
  if (!isJson) stderr.write(formatIssues(issues, file, { isColored: hasColors(stderr.stream, env) }));
  else for (const issue of issues) stdout.line(JSON.stringify({ event: 'issue', file, ...issue }));
}

/** Whether a spec has errors, which are said then, warnings too. */
export function refusedSpec(spec: SpecFile, { env }: Pick<CommandLineIo, 'env'>, stderr: Output): boolean {
  if (countIssues(spec).errors === 0) return false;
  stderr.write(formatIssues(spec.issues, spec.path, { isColored: hasColors(stderr.stream, env) }));
  stderr.line(verdict(spec));
  return true;
}

/** `weather.yaml: 2 errors, 1 warning`, or that it is valid, and what is in it. */
export function verdict(spec: Pick<SpecFile, 'issues' | 'path' | 'tasks' | 'seals'>): string {
  const { errors, warnings } = countIssues(spec);
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  if (errors > 0) return `${spec.path}: ${counted(errors, 'error')}${warned}`;
  const triggers = spec.tasks.reduce((total, task) => total + task.triggers.length, 0);
  const found = `${counted(spec.tasks.length, 'materialization')}, ${counted(triggers, 'trigger')}`;
  return `${spec.path} is valid: ${found}${warned}${sealed(spec.seals)}`;
}

function sealed({ verified, all }: SpecFile['seals']): string {
  if (all === 0) return '';
  if (verified === all) return '; its seals are intact';
  const some = verified === 0 ? 'not verified' : `${verified} of ${all} verified`;
  return `; sealed, and ${some}: no key for it is at hand`;
}
