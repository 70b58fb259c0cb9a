import { type ConfigIssue, isJsonObject, type JsonObject, jsonPointer } from '@aftercommit/models';
import type { IssueCollector, SpecPath } from './issue-collector.js';
import type { FilePlace, TextPosition } from './spec-issue.js';

/** A configuration that a spec holds in another form than its own: sealed, in a file of its own, or both. */
export type HeldConfig = {
  /** With the names that fields have unsealed. Undefined: it cannot be read, and `problems` say why. */
  config: unknown;
  /** Pointers into it are theirs. */
  problems: readonly ConfigIssue[];
  /** Pointers to secrets that nobody has opened: what is said of their values says nothing. */
  unknownSecrets: ReadonlySet<string>;
  /** Undefined: it is not sealed. */
  seal: 'verified' | 'unverified' | undefined;
  /** Of the file that it is in. Undefined: it is in the spec. */
  file: IssueCollector | undefined;
};

/** Where in a spec such configurations are. */
export type HeldConfigs = {
  all: readonly HeldConfig[];
  /** Undefined: what stands in the spec is what is meant. */
  at(path: SpecPath): HeldConfig | undefined;
};

/** Whatever stands in the spec is what is meant. */
export const noneHeld: HeldConfigs = { all: [], at: () => undefined };

/** Whether a value of a spec is a sealed configuration. */
export function isSealed(value: unknown): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, 'sops');
}

/** What is said of a configuration that stands at the path of a spec, or is held there in another form. */
export class ConfigReport {
  readonly #path: SpecPath;
  readonly #held: HeldConfig | undefined;
  readonly #issues: IssueCollector;

  constructor(path: SpecPath, held: HeldConfig | undefined, issues: IssueCollector) {
    this.#path = path;
    this.#held = held;
    this.#issues = issues;
    for (const problem of held?.problems ?? []) this.add(problem);
  }

  /** @param issue Its pointer is into the configuration. */
  add(issue: ConfigIssue): void {
    if (this.#held?.unknownSecrets.has(issue.pointer)) return;
    if (this.#held?.file === undefined) this.#issues.addBelow(this.#path, issue);
    else this.#held.file.add(issue);
  }

  /** Where a place of a template stands that a pointer into the configuration points to. Undefined: in no file. */
  placeInTemplate(pointer: string, place: TextPosition): FilePlace | undefined {
    const file = this.#held?.file;
    if (file !== undefined) return file.placeInTemplate(pointer, place);
    return this.#issues.placeInTemplate(`${jsonPointer(this.#path)}${pointer}`, place);
  }

  /** Once everything is said. */
  end(): void {
    if (this.#held?.file !== undefined) this.#issues.include(this.#held.file);
  }
}
