import type { ConfigIssue } from '@aftercommit/models';

const marker = Symbol.for('aftercommit.TriggersConfigError');

/** A triggers configuration with errors. Nothing was opened because of it. */
export class TriggersConfigError extends Error {
  /** What went wrong, for programs. */
  readonly code = 'TRIGGERS_CONFIG_INVALID';
  /** Every issue, warnings included. */
  readonly issues: ConfigIssue[];
  /** What `isTriggersConfigError` looks for. */
  readonly [marker] = true;

  /** The message lists every error with its place, a line each. */
  constructor(issues: ConfigIssue[]) {
    const errors = issues.filter((issue) => issue.severity === 'error');
    const lines = errors.map((issue) => `  ${issue.pointer || '/'}: ${issue.message}`);
    super(`The triggers configuration has ${errors.length === 1 ? 'an error' : 'errors'}:\n${lines.join('\n')}`);
    this.name = 'TriggersConfigError';
    this.issues = issues;
  }
}

/** Recognises a `TriggersConfigError`, also one of another copy of this package. */
export function isTriggersConfigError(error: unknown): error is TriggersConfigError {
  return typeof error === 'object' && error !== null && marker in error;
}
