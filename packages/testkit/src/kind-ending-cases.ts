import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ActivityWatch } from './kind-activity.js';
import type { KindBench, KindCase } from './kind-bench.js';
import { HandleWatch } from './kind-handles.js';
import { timeLapse } from './kind-time-lapse.js';
import { promptly } from './settling.js';

/** How long what was closed may still be there: less than receivers keep connections that nobody uses. In milliseconds. */
const longestCloseMs = 2000;

/** What is still going on shortly after `close`, of a thousand times as much of the kind's time, is its end. In milliseconds. */
const settlingMs = 20;

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
    title: 'sends nothing when the signal aborted before the attempt, and claims no delivery',
    async run(bench) {
      const trigger = await bench.open();
      const received = await bench.receivedDuring(() =>
        timeLapse(bench.scope, async () => {
          const attempting = bench.started(trigger, { signal: AbortSignal.abort() });
          const { outcome } = await promptly(attempting, 'attempt() did not settle at once: its signal had aborted');
          assert.equal(outcome, 'retry', 'an attempt that was not made may work later');
        }),
      );
      assert.equal(received.length, 0, 'look at signal.aborted before anything is sent');
    },
  },
  {
    title: 'sends nothing when the signal aborts as soon as the attempt began, unless it tells of it',
    async run(bench) {
      const trigger = await bench.open();
      let outcome = '';
      const received = await bench.receivedDuring(() =>
        timeLapse(bench.scope, async () => {
          const controller = new AbortController();
          const attempting = bench.started(trigger, { signal: controller.signal });
          controller.abort();
          const told = await promptly(attempting, 'attempt() did not settle at once when its signal aborted');
          outcome = told.outcome;
        }),
      );
      const told = outcome === 'delivered' ? 1 : 0;
      assert.equal(
        received.length,
        told,
        'look at the signal again after whatever was waited for, and end what is under way',
      );
    },
  },
  {
    title: 'closes at once when an attempt was just aborted',
    needs: 'hang',
    async run(bench) {
      await bench.subject.receiver.hang?.();
      const trigger = await bench.open();
      const controller = new AbortController();
      const { outcome } = await bench.arrivedAttempt(trigger, { signal: controller.signal });
      controller.abort();
      // The core does not wait for an attempt whose signal aborted.
      await promptly(bench.close(trigger), 'close() did not settle at once');
      assert.notEqual(
        (await promptly(outcome, 'attempt() did not settle when its trigger was closed')).outcome,
        'delivered',
      );
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
  {
    title: 'leaves no connection, interval or program behind when it is closed, and no listener on the process',
    async run(bench) {
      // What a kind takes once, for all its triggers and for good, is there after this.
      await useAndClose(bench);
      const listenersBefore = processListeners();
      const watch = new HandleWatch(bench.scope);
      try {
        await bench.close(await bench.open());
        const trigger = await bench.open();
        await bench.subject.receiver.accept();
        await bench.attempt(trigger);
        await bench.close(trigger);
        await useAndClose(bench);
        await bench.eventually(
          async () => watch.left.length === 0,
          () => `still there after close(): ${watch.left.join(', ')}`,
          longestCloseMs,
        );
      } finally {
        watch.stop();
      }
      assert.deepEqual(
        exceeding(processListeners(), listenersBefore),
        [],
        'close() takes away what listens on process',
      );
    },
  },
  {
    title: 'does nothing any more when it is closed, however much time passes',
    async run(bench) {
      const activity = new ActivityWatch(bench.scope);
      try {
        const received = await bench.receivedDuring(() =>
          timeLapse(bench.scope, async () => {
            await useAndClose(bench);
            await bench.subject.receiver.accept();
            // What was being closed may take a moment.
            await delay(settlingMs);
            activity.start();
          }),
        );
        assert.ok(
          received.length <= usesOf(bench),
          'close() sends nothing: what was not accepted the core attempts again',
        );
        assert.deepEqual(activity.seen, [], 'close() ends what the kind does by itself');
      } finally {
        activity.stop();
      }
    },
  },
];

/** How many attempts `useAndClose` makes. */
function usesOf({ subject }: KindBench): number {
  return subject.receiver.hang === undefined ? 2 : 3;
}

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
  return counted(process.getActiveResourcesInfo().filter((resource) => lastingResource.test(resource)));
}

function processListeners(): Map<string, number> {
  const events = process.eventNames();
  return new Map(events.map((event) => [`a listener of ${String(event)}`, process.listenerCount(event)]));
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function exceeding(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): string[] {
  return [...now].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
}
