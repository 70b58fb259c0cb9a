import type { SpecIssue } from '../spec/spec-issue.js';
import { counted } from '../terminal/readable-text.js';
import type { SpecFile } from './spec-file.js';

/** What is wrong, or looks wrong, with a spec, and what it is called. */
export type SpecIssues = { readonly path: string; readonly issues: readonly SpecIssue[] };

/** How many issues of each severity a spec has. */
export function countIssues({ issues }: Pick<SpecIssues, 'issues'>): { errors: number; warnings: number } {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: issues.length - errors };
}

/** `2 errors, 1 warning`, of a spec that has errors. */
export function issuesText(spec: SpecIssues): string {
  const { errors, warnings } = countIssues(spec);
  return `${counted(errors, 'error')}${warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`}`;
}

/** `weather.yaml: 2 errors, 1 warning`, or that it is valid, and what is in it. */
export function verdict(spec: Pick<SpecFile, 'issues' | 'path' | 'tasks' | 'seals'>): string {
  const { errors, warnings } = countIssues(spec);
  if (errors > 0) return `${spec.path}: ${issuesText(spec)}`;
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
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
