import { counted } from './readable-text.js';
import type { SpecFile } from './spec-file.js';

/** How many issues of each severity a spec has. */
export function countIssues({ issues }: Pick<SpecFile, 'issues'>): { errors: number; warnings: number } {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: issues.length - errors };
}

/** `weather.yaml: 2 errors, 1 warning`, or that it is valid, and what is in it. */
export function verdict(spec: Pick<SpecFile, 'issues' | 'path' | 'tasks'>): string {
  const { errors, warnings } = countIssues(spec);
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  if (errors > 0) return `${spec.path}: ${counted(errors, 'error')}${warned}`;
  const triggers = spec.tasks.reduce((total, task) => total + task.triggers.length, 0);
  const found = `${counted(spec.tasks.length, 'materialization')}, ${counted(triggers, 'trigger')}`;
  return `${spec.path} is valid: ${found}${warned}`;
}
