import assert from 'node:assert/strict';
import type { Store, TaskState } from '@aftercommit/persistence';
import { ManualClock } from './manual-clock.js';
import type { StoreBench, StoreCase } from './store-bench.js';

/** What a store owes that tells its sessions when to look for messages. One that tells nobody owes none of it. */
export const messageCases: StoreCase[] = [
  {
    title: 'tells a session that a message was left, each time',
    async run(bench) {
      const { store, clock, session } = await opened(bench);
      const ear = new Ear(session, clock);
      for (const message of [1, 2, 3]) {
        await store.request('task', message);
        await ear.hears('a message was left');
        const messages = await session.list('mailbox/');
        assert.equal(messages.at(-1)?.[1], message, 'the message is there when the listener is called');
      }
    },
  },
  {
    title: 'tells a session of the messages of another handle, within two seconds',
    needs: 'second',
    async run(bench) {
      const { store, clock, session } = await opened(bench);
      const other = await bench.second(store);
      const ear = new Ear(session, clock);
      for (const message of [1, 2]) {
        await other.request('task', message);
        await ear.hears('a message was left through another handle');
        const messages = await session.list('mailbox/');
        assert.equal(messages.at(-1)?.[1], message);
      }
    },
  },
  {
    title: 'tells a session that it was overtaken',
    async run(bench) {
      const { store, clock, session } = await opened(bench);
      const ear = new Ear(session, clock);
      await bench.open(store);
      await ear.hears('the task was opened again');
    },
  },
  {
    title: 'tells a session that it was overtaken through another handle, within two seconds',
    needs: 'second',
    async run(bench) {
      const { store, clock, session } = await opened(bench);
      const ear = new Ear(session, clock);
      await bench.open(await bench.second(store));
      await ear.hears('the task was opened again');
    },
  },
  {
    title: 'tells every listener of a session, and none that was ended',
    async run(bench) {
      const { store, clock, session } = await opened(bench);
      const ears = Array.from({ length: 3 }, () => new Ear(session, clock));
      const [first, second, third] = ears;
      second?.close();
      second?.close();
      await store.request('task', 1);
      await first?.hears('a message was left');
      await third?.hears('a message was left');
      assert.equal(second?.calls, 0, 'it was ended');
    },
  },
  {
    title: 'tells nobody after the session was closed',
    async run(bench) {
      const { store, clock, session } = await opened(bench);
      const ear = new Ear(session, clock);
      await session.close();
      const late = new Ear(session, clock);
      await store.request('task', 1);
      await clock.advance(5_000);
      assert.deepEqual([ear.calls, late.calls], [0, 0]);
      ear.close();
      late.close();
    },
  },
  {
    title: 'lets thousands of sessions listen with no more timers than one',
    async run(bench) {
      const { store, clock, session } = await opened(bench);
      const sessions = await Promise.all(Array.from({ length: 50 }, (_, index) => bench.open(store, `task ${index}`)));
      const ears = [session, ...sessions].map((one) => new Ear(one, clock));
      await clock.advance(3_000);
      assert.ok(clock.sleepers.length <= 1, `${clock.sleepers.length} timers`);
      for (const ear of ears) ear.close();
      await clock.advance(0);
      assert.equal(clock.sleepers.length, 0, 'nobody listens any more');
    },
  },
];

/** How long a store that keeps to real time may take, and one that never calls keeps a test waiting. In milliseconds. */
const patienceMs = 1_500;

/** A listener of a session, on a clock that it moves. */
class Ear {
  calls = 0;
  readonly close: () => void;
  readonly #clock: ManualClock;
  readonly #isTold: boolean;
  #heard = 0;

  constructor(session: TaskState, clock: ManualClock) {
    this.#clock = clock;
    this.#isTold = session.onMessage !== undefined;
    this.close =
      session.onMessage?.(() => {
        this.calls += 1;
      }) ?? (() => undefined);
  }

  /** Asserts that the listener is called within two seconds: more often than before. */
  async hears(what: string): Promise<void> {
    if (!this.#isTold) return;
    if (this.calls === this.#heard) await this.#clock.advance(2_000);
    const waitsUntil = performance.now() + patienceMs;
    while (this.calls === this.#heard && performance.now() < waitsUntil) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(this.calls > this.#heard, `the listener is called: ${what}`);
    this.#heard = this.calls;
  }
}

async function opened(bench: StoreBench): Promise<{ store: Store; clock: ManualClock; session: TaskState }> {
  const clock = new ManualClock();
  const store = await bench.create({
    now: () => clock.now(),
    sleep: (durationMs, signal) => clock.sleep(durationMs, signal),
  });
  return { store, clock, session: await bench.open(store) };
}
