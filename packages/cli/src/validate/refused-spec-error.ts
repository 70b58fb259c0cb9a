import { UsageError } from '../errors/usage-error.js';
import { issuesText, type SpecIssues } from './spec-report.js';

/** A spec has errors, so that nothing was started. */
export class RefusedSpecError extends UsageError {
  /** With everything that is wrong with it. */
  readonly spec: SpecIssues;

  constructor(spec: SpecIssues) {
    super(`${spec.path}: ${issuesText(spec)}`, { code: 'SPEC_INVALID' });
    this.name = 'RefusedSpecError';
    this.spec = spec;
  }
}
