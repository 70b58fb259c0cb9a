import { canonicalJson } from '@aftercommit/models';
import type { WriteBatch } from '@aftercommit/persistence';
import { type LargestKeyRecord, taskKeys } from '@aftercommit/persistence/records';
import type { MaterializationBinding } from './materialization-options.js';
import type { Reconciled } from './reconcile-checkpoints.js';

type Tracked = { binding: MaterializationBinding; record: LargestKeyRecord; raisedTo: string };

/**
 * The largest key that each binding's resource may hold: a larger one is known to be new, and is not looked up. Only what
 * was empty when it was opened once has one, and only bindings that look anything up.
 */
export class LargestKeys {
  readonly #tracked: ReadonlyArray<Tracked | undefined>;

  /**
   * Adds to the opening write what is kept from now on, and the removal of what can no longer be relied on.
   *
   * @param stored What the store holds, by its keys.
   * @param newBindings Those whose resources hold nothing.
   */
  static reconcile(
    batch: WriteBatch,
    bindings: readonly MaterializationBinding[],
    stored: ReadonlyMap<string, LargestKeyRecord>,
    newBindings: ReadonlySet<number>,
    reconciled: Reconciled,
  ): LargestKeys {
    const leftOver = new Set(stored.keys());
    const emptyAfter = reconciled.runtimeCheckpoint?.transactionId ?? null;
    const tracked = bindings.map((binding, index) => {
      if (binding.reduce !== 'merge' || binding.isDelta) return undefined;
      const storeKey = taskKeys.largestKey(binding.resourcePath);
      if (newBindings.has(index)) {
        const record: LargestKeyRecord = { key: [...binding.key], largest: '', transactionId: null, emptyAfter };
        batch.put(storeKey, record);
        leftOver.delete(storeKey);
        return { binding, record, raisedTo: '' };
      }
      const record = stored.get(storeKey);
      if (record === undefined || !isReliable(record, binding, reconciled)) return undefined;
      leftOver.delete(storeKey);
      return { binding, record, raisedTo: record.largest };
    });
    for (const storeKey of leftOver) batch.delete(storeKey);
    return new LargestKeys(tracked);
  }

  private constructor(tracked: ReadonlyArray<Tracked | undefined>) {
    this.#tracked = tracked;
  }

  /** Whether a key may be stored already. Notes that it is going to be. */
  mayBeStored(binding: number, packed: string): boolean {
    const tracked = this.#tracked[binding];
    if (tracked === undefined) return true;
    if (packed <= tracked.record.largest) return true;
    if (packed > tracked.raisedTo) tracked.raisedTo = packed;
    return false;
  }

  /** The keys noted since the last transaction are going to be stored by this one: adds what was raised to a batch. */
  raise(batch: WriteBatch, transactionId: string): void {
    for (const tracked of this.#tracked) {
      if (tracked === undefined || tracked.raisedTo === tracked.record.largest) continue;
      tracked.record = { ...tracked.record, largest: tracked.raisedTo, transactionId };
      batch.put(taskKeys.largestKey(tracked.binding.resourcePath), tracked.record);
    }
  }
}

/** An endpoint whose checkpoint we did not write last may hold keys that we never saw. */
function isReliable(
  record: LargestKeyRecord,
  binding: MaterializationBinding,
  { decision, runtimeCheckpoint }: Reconciled,
): boolean {
  if (canonicalJson(record.key) !== canonicalJson(binding.key)) return false;
  if (decision === 'taken-over' || decision === 'began-again') return false;
  // Nothing was committed since it was found empty: that there are rows now is somebody else's doing.
  if (record.emptyAfter === (runtimeCheckpoint?.transactionId ?? null)) return false;
  // Its keys were recorded before the endpoint could have them: so it is this very record.
  return decision !== 'one-ahead' || record.transactionId === runtimeCheckpoint?.transactionId;
}
