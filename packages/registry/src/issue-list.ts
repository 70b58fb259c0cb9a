import type { ConfigIssue, ConfigIssueCode } from '@aftercommit/models';

/** Everything there is to say about a configuration, in the order in which it was found. */
export class IssueList {
  readonly all: ConfigIssue[] = [];

  get errorCount(): number {
    return this.all.filter(({ severity }) => severity === 'error').length;
  }

  /** @param trigger The trigger's name; undefined: it has no legal one. */
  add(issue: Omit<ConfigIssue, 'trigger'>, trigger: string | undefined): void {
    this.all.push(trigger === undefined ? issue : { ...issue, trigger });
  }

  error(code: ConfigIssueCode, pointer: string, message: string, trigger?: string): void {
    this.add({ severity: 'error', code, pointer, message }, trigger);
  }

  warning(code: ConfigIssueCode, pointer: string, message: string, trigger?: string): void {
    this.add({ severity: 'warning', code, pointer, message }, trigger);
  }
}
