import { formatRunId } from '@aftercommit/models';
import type { TaskState, WriteBatch } from '@aftercommit/persistence';
import { coverageOf, type DoneRecord, doneLimit, readDone, taskKeys } from '@aftercommit/persistence/records';

/**
 * How the deliveries of an outbox ended, of those with the largest run ids: then each of the last commits finds the one it
 * went into, also when older ones end later. What is changed here is in force once the batch is written: a batch that
 * cannot be written ends the session.
 *
 * Nothing of it is read before it is needed, and then the run ids are all that is kept: thousands of tasks have a thousand each.
 */
export class DoneDeliveries {
  readonly #outboxId: string;
  readonly #state: TaskState;
  /** In microseconds since the Unix epoch, the smallest first. Undefined: not read yet. */
  #runs: Promise<number[]> | undefined;

  constructor(outboxId: string, state: TaskState) {
    this.#outboxId = outboxId;
    this.#state = state;
  }

  /**
   * Reads what `add` needs, unless it has been read.
   *
   * @throws StoreError.
   */
  async load(): Promise<void> {
    await this.#loaded();
  }

  /**
   * Adds one, in place of that with the smallest run id where there is no room.
   *
   * @throws StoreError.
   */
  async add(batch: WriteBatch, runId: string, record: DoneRecord): Promise<void> {
    const runs = await this.#loaded();
    const run = microsOf(runId);
    const behind = runs.findLastIndex((known) => known < run);
    const isKnown = runs[behind + 1] === run;
    const key = taskKeys.done(this.#outboxId, runId);
    const known = isKnown ? ((await this.#state.get(key)) as DoneRecord | undefined) : undefined;
    batch.put(key, known === undefined ? record : again(known, record));
    if (!isKnown) runs.splice(behind + 1, 0, run);
    if (runs.length <= doneLimit) return;
    for (const oldest of runs.splice(0, 1)) {
      batch.delete(taskKeys.done(this.#outboxId, formatRunId(BigInt(oldest))));
    }
  }

  /** Once, also for two who need it at the same time. */
  #loaded(): Promise<number[]> {
    this.#runs ??= this.#read();
    return this.#runs;
  }

  async #read(): Promise<number[]> {
    const entries = await this.#state.list(taskKeys.doneOf(this.#outboxId));
    // One under a damaged key is passed over: no delivery depends on it, and an audit names it.
    return readDone(this.#outboxId, entries)
      .map(({ runId }) => microsOf(runId))
      .filter(Number.isSafeInteger);
  }
}

/** Of an outbox that is removed. */
export async function deleteDone(batch: WriteBatch, outboxId: string, state: TaskState): Promise<void> {
  for (const [key] of await state.list(taskKeys.doneOf(outboxId))) batch.delete(key);
}

/** A number instead of a text takes an eighth of the memory, and is exact until the year 2255. NaN: it is no run id. */
function microsOf(runId: string): number {
  return Date.parse(`${runId.slice(0, 19)}Z`) * 1_000 + Number(runId.slice(20, 26));
}

/** An endpoint of an older copy brought back what had ended already: of which commits that was stays known. */
function again(known: DoneRecord, { ended, at, attempts }: DoneRecord): DoneRecord {
  // What was accepted once stays so.
  const how = known.ended === 'delivered' && ended === 'dropped' ? known : { ended, at, attempts };
  const { docsTotal, maybeSeen } = known;
  const also = maybeSeen === undefined ? { again: true as const } : {};
  return { ended: how.ended, at: how.at, attempts: how.attempts, docsTotal, ...coverageOf(known), ...also };
}
