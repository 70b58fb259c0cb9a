import type { CommitLoop } from './commit-loop-parts.js';
import type { InputPage } from './source-input.js';
import { TransactionClosing } from './transaction-closing.js';
import { type ReadTransaction, TransactionReading } from './transaction-reading.js';

/** A transaction holds its documents in memory until they are stored: so much of them at most, as they were read. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Reads the next transaction, and meanwhile looks up what is stored under its keys.
 *
 * @param settling Resolves when the transaction before it holds up nothing: until then one goes on reading, to the limits.
 * @returns `ended`: the sources have no more documents. `stopped`: it was given up whole.
 */
export async function readTransaction(
  loop: CommitLoop,
  settling: Promise<void>,
): Promise<ReadTransaction | 'ended' | 'stopped'> {
  const { session, input, limits, interruption } = loop;
  if (interruption.isStopped) return 'stopped';
  input.request(limits.maxDocs);
  await interruption.until(() => input.hasNews);
  const first = input.take(limits.maxDocs);
  if (interruption.isStopped) return 'stopped';
  if (first === undefined) return 'ended';

  const reading = new TransactionReading(loop, session.begin());
  const closing = new TransactionClosing(loop, settling);
  try {
    for (let page: InputPage | undefined = first; page !== undefined; ) {
      reading.add(page);
      const leftDocs = limits.maxDocs - reading.docs;
      page = leftDocs <= 0 || reading.bytes >= maxBytes ? undefined : await nextPage(loop, closing, leftDocs);
    }
    await reading.loaded();
  } finally {
    closing.cancel();
    reading.endKeys();
  }
  if (interruption.isStopped) return 'stopped';
  const { result } = reading;
  // A page ahead, while this transaction is stored.
  input.request(limits.maxDocs);
  return result;
}

/** Waits for the next page of a transaction; undefined: the transaction has read enough. */
async function nextPage(
  { input, interruption }: CommitLoop,
  closing: TransactionClosing,
  limit: number,
): Promise<InputPage | undefined> {
  input.request(limit);
  await interruption.until(() => input.hasNews || closing.isDue);
  return closing.isOver ? undefined : input.take(limit);
}
