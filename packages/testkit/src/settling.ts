import assert from 'node:assert/strict';

/** What a kind may take, at most, to settle after its signal aborted, in milliseconds. */
const longestPromptMs = 300;

/** So often the event loop turns meanwhile, at least: a process that was kept from running proves nothing. */
const turnsOfAProcessThatRuns = 100;

/** The result, or a failure when it does not come in time; a late one is then ignored. */
export function settled<Result>(work: Promise<Result>, limitMs: number, otherwise: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new assert.AssertionError({ message: otherwise })), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(limit));
  });
}

/** The result, or a failure when it does not come at once. */
export async function promptly<Result>(work: Promise<Result>, otherwise: string): Promise<Result> {
  const isOver = await within(work, longestPromptMs);
  assert.ok(isOver, otherwise);
  return work;
}

/** Whether the work settles within the time, however. */
export async function within(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  work.then(over, over);
  const endsAt = performance.now() + limitMs;
  for (let turns = 0; !isOver; turns += 1) {
    if (performance.now() > endsAt && turns > turnsOfAProcessThatRuns) return false;
    await turn();
  }
  return true;
}

/** The next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
