/** The values of an iterable, until it ends or the signal is aborted, whichever is first. */
export async function* untilAborted<Value>(values: AsyncIterable<Value>, signal: AbortSignal): AsyncGenerator<Value> {
  const iterator = values[Symbol.asyncIterator]();
  let isLeft = false;
  try {
    while (!signal.aborted) {
      const next = await beforeAbort(iterator.next(), signal);
      if (next === undefined || next.done === true) {
        isLeft = true;
        return;
      }
      yield next.value;
    }
    isLeft = true;
  } finally {
    // After an abort the iterable is left alone: one that waits for its next value would return only then.
    if (!isLeft) await iterator.return?.();
  }
}

/** The value; undefined: the signal was aborted before. Leaves no listener behind. */
function beforeAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined);
    signal.addEventListener('abort', end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
