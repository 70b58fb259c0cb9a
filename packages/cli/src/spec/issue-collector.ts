import { type ConfigIssue, compareText, jsonPointer, pointerPath } from '@aftercommit/models';
import type { FilePlace, SpecIssue, SpecIssueCode, TextPosition } from './spec-issue.js';
import { placeInTemplateOf } from './template-position.js';

/** Which part of a field is wrong: what it is called, or what it holds. */
export type FieldPart = 'key' | 'value';

/** Says where in a file something stands. */
export interface Locator {
  /** Of what is not there: the nearest thing around it that is. */
  positionOf(pointer: string, part: FieldPart): TextPosition;
  /** Of a place in the text that a pointer points to; undefined: there is no text, or its places are none of the file. */
  positionInText(pointer: string, place: TextPosition): TextPosition | undefined;
}

/** Where something stands in a spec, from its top. */
export type SpecPath = ReadonlyArray<string | number>;

/** Where a part of a spec belongs that is in a file of its own. */
export type IssueOrigin = { file: string; materialization: string };

/** Everything there is to say about a spec, each with its place in the file. */
export class IssueCollector {
  readonly #locator: Locator;
  readonly #origin: IssueOrigin | undefined;
  readonly #issues: SpecIssue[] = [];
  #errorCount = 0;
  /** Of sections, by their pointers: from the name of a field that is meant to the one that is written. */
  readonly #written = new Map<string, ReadonlyMap<string, string>>();

  /** @param origin Undefined: the file is the spec itself. */
  constructor(locator: Locator, origin?: IssueOrigin) {
    this.#locator = locator;
    this.#origin = origin;
  }

  /** What is said of fields that were meant is said of those that are written. */
  readAs(path: SpecPath, written: ReadonlyMap<string, string>): void {
    if (written.size > 0) this.#written.set(jsonPointer(this.#asWritten(path)), written);
  }

  /** The line of the file in which something begins. */
  lineOf(path: SpecPath): number {
    return this.#locator.positionOf(this.#pointer(path), 'value').line;
  }

  /** Whether something stands under another name than the one that is meant. */
  isMisspelt(path: SpecPath): boolean {
    return this.#pointer(path) !== jsonPointer(path);
  }

  get errorCount(): number {
    return this.#errorCount;
  }

  error(code: SpecIssueCode, path: SpecPath, message: string, part: FieldPart = 'value'): void {
    this.#report({ severity: 'error', code, pointer: this.#pointer(path), message }, part);
  }

  warning(code: SpecIssueCode, path: SpecPath, message: string, part: FieldPart = 'value'): void {
    this.#report({ severity: 'warning', code, pointer: this.#pointer(path), message }, part);
  }

  /** @param position Undefined: that of what the issue points to. */
  add(issue: ConfigIssue, position = this.#positionInTemplate(issue)): void {
    this.#report(issue, isAboutName(issue) ? 'key' : 'value', position);
  }

  /** Where a place of a template stands. Undefined: there is no template, or its places are none of the file. */
  placeInTemplate(pointer: string, place: TextPosition): FilePlace | undefined {
    const position = this.#locator.positionInText(pointer, place);
    return position && { ...position, ...(this.#origin && { file: this.#origin.file }) };
  }

  /** Adds what was found in a part of the spec, with pointers relative to that part. */
  addBelow(path: SpecPath, issue: ConfigIssue): void {
    this.add({ ...issue, pointer: `${this.#pointer(path)}${issue.pointer}` });
  }

  /** Adds what was found in a part of the spec that is in a file of its own. */
  include(other: IssueCollector): void {
    for (const issue of other.inOrder()) this.#issues.push(issue);
    this.#errorCount += other.errorCount;
  }

  /** In the order of the file; what is in other files comes last. */
  inOrder(): SpecIssue[] {
    return this.#issues.toSorted(byPlace);
  }

  #positionInTemplate(issue: ConfigIssue): TextPosition | undefined {
    const place = placeInTemplateOf(issue);
    return place && this.#locator.positionInText(issue.pointer, place);
  }

  #pointer(path: SpecPath): string {
    return jsonPointer(this.#asWritten(path));
  }

  #asWritten(path: SpecPath): SpecPath {
    if (this.#written.size === 0) return path;
    const written: Array<string | number> = [];
    for (const part of path) written.push(this.#written.get(jsonPointer(written))?.get(String(part)) ?? part);
    return written;
  }

  #report(
    issue: Omit<SpecIssue, keyof TextPosition>,
    part: FieldPart,
    position: TextPosition = this.#locator.positionOf(issue.pointer, part),
  ): void {
    if (issue.severity === 'error') this.#errorCount += 1;
    this.#issues.push({ ...issue, ...position, ...(this.#origin ?? originIn(issue.pointer)) });
  }
}

function originIn(pointer: string): { materialization?: string } {
  const [section, materialization] = pointerPath(pointer);
  return section === 'materializations' && materialization !== undefined ? { materialization } : {};
}

/** The spec itself before other files, and then as it is read. */
export function byPlace(left: SpecIssue, right: SpecIssue): number {
  const files = compareText(left.file ?? '', right.file ?? '');
  return files || left.line - right.line || left.column - right.column;
}

/** A trigger's name is a field, `/name`, or the key of a map. */
function isAboutName({ code, pointer }: ConfigIssue): boolean {
  if (code === 'CONFIG_UNKNOWN_FIELD' || code === 'CONFIG_SEALED') return true;
  const isName = code === 'CONFIG_NAME_INVALID' || code === 'CONFIG_NAME_DUPLICATE';
  return isName && !pointer.endsWith('/name');
}
