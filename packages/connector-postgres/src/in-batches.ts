/**
 * The values of an iterable in batches, each of which is full but for the last. Ends when the iterable does or the signal is
 * aborted, whichever is first.
 */
export async function* inBatches<Value>(
  values: AsyncIterable<Value>,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Value[]> {
  const iterator = values[Symbol.asyncIterator]();
  let isLeft = false;
  let batch: Value[] = [];
  try {
    while (!isLeft) {
      const next = await beforeAbort(iterator, signal);
      // After an abort the iterable is left alone: one that waits for its next value would return only then.
      isLeft = next === undefined || next.done === true;
      if (next === undefined) return;
      if (next.done !== true) batch.push(next.value);
      if (batch.length < size && !(isLeft && batch.length > 0)) continue;
      const full = batch;
      batch = [];
      yield full;
    }
  } finally {
    if (!isLeft) await iterator.return?.();
  }
}

/** What comes next; undefined: the signal was aborted before. Leaves no listener behind. */
function beforeAbort<Value>(
  iterator: AsyncIterator<Value>,
  signal: AbortSignal,
): Promise<IteratorResult<Value> | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined);
    if (signal.aborted) return end();
    signal.addEventListener('abort', end, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', end));
  });
}
