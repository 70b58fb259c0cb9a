import type { Fence } from '@aftercommit/persistence';
import type { EncodedBatch } from '@aftercommit/persistence/implement';
import { binaryArray, numberArray } from './binary-array.js';
import type { Connection } from './connection.js';
import type { Statement } from './statements.js';

/** Why a batch was not applied. */
export type Refusal =
  /** The task is held by a newer session, at this epoch. Undefined: it is not known any more. */
  | { readonly refusal: 'fenced'; readonly heldEpoch: bigint | undefined }
  | { readonly refusal: 'exists'; readonly key: string }
  /** Somebody else has the task's row locked, and it was not waited for. */
  | { readonly refusal: 'locked' };

/**
 * Applies batches, of different tasks, in one statement. Returns those that were refused, by their places.
 *
 * @param options.waits Whether it waits for whoever has the task's row locked: only for one batch alone.
 */
export async function writeBatches(
  connection: Pick<Connection, 'call'>,
  statement: Statement,
  writes: ReadonlyArray<{ readonly fence: Fence; readonly batch: EncodedBatch }>,
  { waits }: { waits: boolean },
): Promise<Map<number, Refusal>> {
  // Places count from 1, as arrays of PostgreSQL do.
  const changes = writes.flatMap(({ batch }, index) =>
    batch.changes.map(([key, text]) => ({ place: index + 1, key, text })),
  );
  const absent = writes.flatMap(({ batch }, index) =>
    Array.from(batch.requiredAbsent, (key) => ({ place: index + 1, key })),
  );
  const rows = await connection.call(statement, [
    binaryArray(
      'bytea',
      writes.map(({ fence }) => fence.task),
    ),
    binaryArray(
      'bytea',
      writes.map(({ fence }) => fence.owner),
    ),
    numberArray(writes.map(({ fence }) => fence.epoch)),
    numberArray(absent.map(({ place }) => place)),
    binaryArray(
      'bytea',
      absent.map(({ key }) => key),
    ),
    numberArray(changes.map(({ place }) => place)),
    binaryArray(
      'bytea',
      changes.map(({ key }) => key),
    ),
    binaryArray(
      'text',
      changes.map(({ text }) => text),
    ),
    waits,
  ]);
  return new Map(rows.map(([place, refusal, detail]) => [Number(place) - 1, refusalOf(refusal, detail)]));
}

/** A refusal as the functions in the database say it. */
export function refusalOf(refusal: unknown, detail: string | null | undefined): Refusal {
  if (refusal === 'locked') return { refusal };
  if (refusal === 'exists') return { refusal, key: Buffer.from(detail ?? '', 'hex').toString() };
  return { refusal: 'fenced', heldEpoch: detail ? BigInt(detail) : undefined };
}
