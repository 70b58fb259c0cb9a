import { triggerSchema } from '@aftercommit/models';
import type { TObject } from 'typebox';
import { assertKeepsContract } from './kind-contract.js';
import { RegistryError } from './registry-error.js';
import type { TriggerKind } from './trigger-kind.js';

/**
 * The trigger kinds a program was given. Nothing is discovered by itself: what is not handed over here does not exist.
 */
export class TriggerKindRegistry {
  readonly #kinds = new Map<string, TriggerKind>();
  readonly #schemas = new Map<string, TObject>();

  /** @throws RegistryError when a kind breaks the contract or two have the same name. */
  constructor(kinds: Iterable<TriggerKind>) {
    for (const kind of kinds) this.#add(kind);
  }

  /** The names of the registered kinds, sorted. */
  get names(): string[] {
    return [...this.#kinds.keys()].sort();
  }

  /** The kinds, ordered by name. */
  get kinds(): TriggerKind[] {
    return this.names.flatMap((name) => this.#kinds.get(name) ?? []);
  }

  /** The kind of that name, or undefined. */
  find(name: string): TriggerKind | undefined {
    return this.#kinds.get(name);
  }

  /**
   * The schema of a whole trigger of a kind, made once.
   *
   * @internal
   */
  triggerSchema(kind: TriggerKind): TObject {
    const known = this.#schemas.get(kind.kind);
    if (known !== undefined) return known;
    const schema = triggerSchema(kind.kind, kind.configSchema, kind.defaultPayloadTemplate);
    this.#schemas.set(kind.kind, schema);
    return schema;
  }

  #add(kind: TriggerKind): void {
    assertKeepsContract(kind);
    const { kind: name } = kind;
    if (this.#kinds.has(name)) {
      throw new RegistryError(
        'KIND_DUPLICATE',
        `Two trigger kinds are called "${name}". Registered so far: ${this.names.join(', ')}. Leave one of them out.`,
      );
    }
    this.#kinds.set(name, kind);
  }
}
