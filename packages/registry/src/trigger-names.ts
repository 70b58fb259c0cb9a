import { triggerNameProblem } from '@aftercommit/models';
import type { IssueList } from './issue-list.js';

/** A trigger, and the places where it can be named. */
export type NamedPlace = {
  /** The trigger: a JSON pointer. */
  pointer: string;
  /** Its key in a map; undefined: it stands in a list. */
  key: string | undefined;
  /** Its field `name`. */
  name: unknown;
};

/** Reads the names that a configuration gives its triggers, and sees to it that each is legal and given once. */
export class TriggerNames {
  readonly #issues: IssueList;
  readonly #pointers = new Map<string, string>();

  constructor(issues: IssueList) {
    this.#issues = issues;
  }

  /** The trigger's name; undefined when it has none, or no legal one, which is an issue then. */
  read({ pointer, key, name }: NamedPlace): string | undefined {
    const namePointer = `${pointer}/name`;
    if (name !== undefined && typeof name !== 'string') {
      this.#issues.error('CONFIG_NAME_INVALID', namePointer, 'The name of a trigger must be a string.', legal(key));
    } else if (key !== undefined && name !== undefined && name !== key) {
      const message =
        'This trigger is named by its key already, and differently. Remove its name, or make it the same.';
      this.#issues.error('CONFIG_NAME_INVALID', namePointer, message, legal(key));
    }
    if (key !== undefined) return this.#claim(key, pointer);
    return typeof name === 'string' ? this.#claim(name, namePointer) : undefined;
  }

  #claim(name: string, pointer: string): string | undefined {
    const problem = triggerNameProblem(name);
    if (problem !== undefined) {
      this.#issues.error('CONFIG_NAME_INVALID', pointer, `The name of a trigger ${problem}.`);
      return undefined;
    }
    const other = this.#pointers.get(name);
    if (other === undefined) {
      this.#pointers.set(name, pointer);
    } else {
      const message = `Two triggers are called "${name}": here and at ${other}. Rename one of them.`;
      this.#issues.error('CONFIG_NAME_DUPLICATE', pointer, message, name);
    }
    return name;
  }
}

function legal(name: string | undefined): string | undefined {
  return name === undefined || triggerNameProblem(name) !== undefined ? undefined : name;
}
