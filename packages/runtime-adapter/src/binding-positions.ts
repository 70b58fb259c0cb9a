import { isJsonObject, type Json } from '@aftercommit/models';
import type { MaterializationBinding } from './materialization-options.js';
import { SessionError } from './session-error.js';

/**
 * How far the sources were read, for each binding by its resource and its collection: a resource that is bound later, or to
 * another collection, is filled from the beginning, and goes on where it was when it is bound as before.
 */
export class BindingPositions {
  readonly #keys: readonly string[];
  /** Also of what is not bound at present. */
  readonly #positions: Map<string, Json>;

  /** @throws SessionError `CHECKPOINT_INVALID` for a position that is none of ours. */
  constructor(bindings: readonly MaterializationBinding[], stored: Json | undefined) {
    this.#keys = bindings.map(({ resourcePath, collection }) => JSON.stringify([resourcePath, collection]));
    this.#positions = new Map(stored === undefined ? [] : Object.entries(positionsIn(stored)));
  }

  /** Of a binding; undefined: nothing was read for it. */
  of(binding: number): Json | undefined {
    return this.#positions.get(this.#keys[binding] ?? '');
  }

  set(binding: number, position: Json): void {
    const key = this.#keys[binding];
    if (key !== undefined) this.#positions.set(key, position);
  }

  /** What is committed. */
  get all(): Json {
    return { bindings: Object.fromEntries(this.#positions) };
  }
}

function positionsIn(stored: Json): { [key: string]: Json } {
  const { bindings } = isJsonObject(stored) ? stored : {};
  if (isJsonObject(bindings)) return bindings;
  throw new SessionError(
    'CHECKPOINT_INVALID',
    'The position of the last commit is none that materialize() wrote: the task was run by another program. Use another ' +
      'name for the materialization, or go on with that program.',
  );
}
