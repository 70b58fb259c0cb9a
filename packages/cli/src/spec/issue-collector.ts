import { type ConfigIssue, type ConfigIssueCode, jsonPointer, pointerPath } from '@aftercommit/models';
import type { SpecIssue, TextPosition } from './spec-issue.js';

/** Which part of a field is wrong: what it is called, or what it holds. */
export type FieldPart = 'key' | 'value';

/** Says where in a file something stands. */
export interface Locator {
  /** Of what is not there: the nearest thing around it that is. */
  positionOf(pointer: string, part: FieldPart): TextPosition;
  /** Of an issue inside of a template; undefined: it is none, or that place of the template is none of the file. */
  positionInTemplate(issue: ConfigIssue): TextPosition | undefined;
}

/** Where something stands in a spec, from its top. */
export type SpecPath = ReadonlyArray<string | number>;

/** Everything there is to say about a spec, each with its place in the file. */
export class IssueCollector {
  readonly #locator: Locator;
  readonly #issues: SpecIssue[] = [];

  constructor(locator: Locator) {
    this.#locator = locator;
  }

  get errorCount(): number {
    return this.#issues.filter(({ severity }) => severity === 'error').length;
  }

  error(code: ConfigIssueCode, path: SpecPath, message: string, part: FieldPart = 'value'): void {
    this.#report({ severity: 'error', code, pointer: jsonPointer(path), message }, part);
  }

  warning(code: ConfigIssueCode, path: SpecPath, message: string, part: FieldPart = 'value'): void {
    this.#report({ severity: 'warning', code, pointer: jsonPointer(path), message }, part);
  }

  /** @param position Undefined: that of what the issue points to. */
  add(issue: ConfigIssue, position = this.#locator.positionInTemplate(issue)): void {
    this.#report(issue, isAboutName(issue) ? 'key' : 'value', position);
  }

  /** Adds what was found in a part of the spec, with pointers relative to that part. */
  addBelow(path: SpecPath, issue: ConfigIssue): void {
    this.add({ ...issue, pointer: `${jsonPointer(path)}${issue.pointer}` });
  }

  /** In the order of the file. */
  inOrder(): SpecIssue[] {
    return this.#issues.toSorted((left, right) => left.line - right.line || left.column - right.column);
  }

  #report(
    issue: ConfigIssue,
    part: FieldPart,
    position: TextPosition = this.#locator.positionOf(issue.pointer, part),
  ): void {
    const [section, materialization] = pointerPath(issue.pointer);
    const isInOne = section === 'materializations' && materialization !== undefined;
    this.#issues.push({ ...issue, ...position, ...(isInOne ? { materialization } : {}) });
  }
}

/** A trigger's name is a field, `/name`, or the key of a map. */
function isAboutName({ code, pointer }: ConfigIssue): boolean {
  if (code === 'CONFIG_UNKNOWN_FIELD' || code === 'CONFIG_SEALED') return true;
  const isName = code === 'CONFIG_NAME_INVALID' || code === 'CONFIG_NAME_DUPLICATE';
  return isName && !pointer.endsWith('/name');
}
