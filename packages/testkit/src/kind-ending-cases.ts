import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { KindBench, KindCase } from './kind-bench.js';

/** How a kind ends what it began: attempts when they are aborted, triggers when they are closed. */
export const endingCases: KindCase[] = [
  {
    title: 'settles at once when the signal aborts, and claims no delivery',
    needs: 'hang',
    async run(bench) {
      await bench.subject.receiver.hang?.();
      assert.notEqual((await bench.abortedAttempt(await bench.open())).outcome, 'delivered');
    },
  },
  {
    title: 'settles at once when the signal aborted before the attempt, and claims no delivery',
    needs: 'hang',
    async run(bench) {
      await bench.subject.receiver.hang?.();
      const outcome = await bench.attempt(await bench.open(), { signal: AbortSignal.abort() });
      assert.notEqual(outcome.outcome, 'delivered');
    },
  },
  {
    title: 'goes on when another trigger of the kind is closed',
    async run(bench) {
      await bench.subject.receiver.accept();
      const [staying, leaving] = [await bench.open(), await bench.open()];
      await bench.attempt(leaving);
      await bench.close(leaving);
      assert.deepEqual(await bench.attempt(staying), { outcome: 'delivered' });
    },
  },
  {
    title: 'leaves nothing behind that keeps the process alive when it is closed',
    async run(bench) {
      const before = await openResources();
      // Several, so that something of the test runner's own that ends meanwhile cannot hide what is left.
      for (let opened = 1; opened <= 4; opened += 1) await useAndClose(bench);
      // Sockets need a few turns of the event loop to close.
      let left: string[] = [];
      await bench.eventually(
        async () => {
          left = exceeding(await openResources(), before);
          return left.length === 0;
        },
        () => `still there after close(): ${left.join(', ')}`,
      );
    },
  },
];

async function useAndClose(bench: KindBench): Promise<void> {
  const { receiver } = bench.subject;
  const trigger = await bench.open();
  await receiver.accept();
  await bench.attempt(trigger);
  await receiver.refuse?.();
  await bench.attempt(trigger);
  if (receiver.hang !== undefined) {
    await receiver.hang();
    await bench.abortedAttempt(trigger);
  }
  await bench.close(trigger);
}

/** What Node calls the things that keep a process running: sockets, servers, timers, child processes, threads, watchers. */
const lastingResource = /Wrap|WRAP|^Timeout$|MessagePort|Worker|Watcher/;

/** How many there are of each lasting resource. */
async function openResources(): Promise<Map<string, number>> {
  // In a timer's own callback its own entry is gone.
  await delay(0);
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo().filter((resource) => lastingResource.test(resource))) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function exceeding(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): string[] {
  return [...now].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
}
