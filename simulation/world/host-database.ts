import type { Json } from '@aftercommit/models';
import { ConnectorError } from '@aftercommit/runtime-adapter';

/** The database of a host with a commit loop of its own: rows, and in one transaction with them the runtime checkpoint. */
export class HostDatabase {
  readonly #numbers: number[] = [];
  readonly #known = new Set<number>();
  #runtimeCheckpoint: Json | undefined;
  #epoch = 0n;

  /** The rows, by the numbers of their documents, in the order in which they came to be. */
  get numbers(): readonly number[] {
    return this.#numbers;
  }

  has(number: number): boolean {
    return this.#known.has(number);
  }

  /** Raises the fence, and gives back the runtime checkpoint that is there. */
  open(epoch: bigint): Json | undefined {
    if (epoch < this.#epoch) this.#refuse(epoch);
    this.#epoch = epoch;
    return this.#runtimeCheckpoint;
  }

  commit(epoch: bigint, numbers: readonly number[], runtimeCheckpoint: Json): void {
    if (epoch < this.#epoch) this.#refuse(epoch);
    this.#numbers.push(...numbers);
    for (const number of numbers) this.#known.add(number);
    this.#runtimeCheckpoint = structuredClone(runtimeCheckpoint);
  }

  #refuse(epoch: bigint): never {
    throw new ConnectorError(
      'ENDPOINT_FENCED',
      `The host's database is at epoch ${this.#epoch}, and not at ${epoch}.`,
      {
        epoch: this.#epoch,
      },
    );
  }
}

const rowPrefix = 'host-row/';

/** The key of a row that a host keeps in the task's own database. */
export function hostRowKey(number: number): string {
  return `${rowPrefix}${String(number).padStart(8, '0')}`;
}

/** The numbers of the documents whose rows are among the keys of a task. */
export function hostRowNumbers(keys: Iterable<string>): number[] {
  return [...keys].filter((key) => key.startsWith(rowPrefix)).map((key) => Number(key.slice(rowPrefix.length)));
}
