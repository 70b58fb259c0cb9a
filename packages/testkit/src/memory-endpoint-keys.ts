/** The items, until they end or the session does: whoever waits for the next one then waits no longer. */
export async function* untilEnded<Item>(items: AsyncIterable<Item>, ended: Promise<void>): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let isWaiting = true;
  try {
    for (;;) {
      isWaiting = true;
      const next = await Promise.race([iterator.next(), ended]);
      isWaiting = false;
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } finally {
    if (!isWaiting) await iterator.return?.();
  }
}
