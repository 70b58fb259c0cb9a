import type { TriggerConfig } from '@aftercommit/models';
import { isStoreError, type Store } from '@aftercommit/persistence';
import { auditTask } from '@aftercommit/persistence/audit';
import type { Attempt, AttemptOutcome, Clock, Random, Trigger } from '@aftercommit/registry';
import { seededRandom } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { materialization, SessionBench, withWrites } from '../test/session-bench.js';
import type { TriggerSession } from './trigger-session.js';

const names = ['a', 'b', 'c'];

/** One life of a process: after so many points it is dead, and nothing of it has an effect or settles any more. */
class Life {
  readonly dead: Promise<'dead'>;
  #die = (): void => undefined;
  #pointsLeft: number;
  readonly #afterWrite: () => Promise<void>;

  constructor(points: number, afterWrite: () => Promise<void>) {
    this.#pointsLeft = points;
    this.#afterWrite = afterWrite;
    this.dead = new Promise((resolve) => {
      this.#die = () => resolve('dead');
    });
  }

  async point(): Promise<void> {
    this.#pointsLeft -= 1;
    if (this.#pointsLeft > 0) return;
    this.#die();
    await new Promise(() => undefined);
  }

  /** Nobody who is dead wakes up. */
  clock(inner: Clock): Clock {
    return {
      now: () => inner.now(),
      monotonic: () => inner.monotonic(),
      sleep: async (durationMs, signal) => {
        await inner.sleep(durationMs, signal);
        if (this.#pointsLeft <= 0) await new Promise(() => undefined);
      },
    };
  }

  store(inner: Store): Store {
    return withWrites(inner, async (write) => {
      await this.point();
      await write();
      await this.#afterWrite();
      await this.point();
    });
  }
}

/** What a receiver knows: which transactions came under which key, by trigger. A transaction is one bit of `bytes_total`. */
class Receiver {
  readonly #taken = new Map<string, Map<string, { bits: number; runId: string }>>();
  readonly #delivered = new Set<string>();
  /** Every transaction below this one is visible in the endpoint. */
  visible = 0;

  take({ idempotencyKey, payload, variables }: Attempt, outcome: AttemptOutcome): void {
    const { trigger } = JSON.parse(payload) as { trigger: string };
    const taken = this.#taken.get(trigger) ?? new Map<string, { bits: number; runId: string }>();
    this.#taken.set(trigger, taken);
    const before = taken.get(idempotencyKey);
    const now = { bits: variables.bytes_total, runId: variables.run_id };
    expect(before ?? now, 'I4: one key, the same variables').toEqual(now);
    expect(now.bits, 'I2: nothing before it is visible').toBeLessThan(2 ** this.visible);
    taken.set(idempotencyKey, now);
    if (outcome.outcome === 'delivered') this.#delivered.add(`${trigger} ${idempotencyKey}`);
  }

  /** I1, I3 and I5 for a trigger that was configured when these transactions committed. */
  check(
    trigger: string,
    committed: readonly number[],
    runIdOf: ReadonlyMap<number, string>,
    mayBeDropped: ReadonlySet<string>,
  ): void {
    const taken = [...(this.#taken.get(trigger) ?? new Map<string, { bits: number; runId: string }>())];
    const sum = taken.reduce((total, [, { bits }]) => total + bits, 0);
    expect(sum, `${trigger} got every transaction once`).toBe(
      committed.reduce((total, number) => total + 2 ** number, 0),
    );
    for (const [key, { bits, runId }] of taken) {
      if (!mayBeDropped.has(key)) expect(this.#delivered).toContain(`${trigger} ${key}`);
      const first = committed.find((number) => Math.floor(bits / 2 ** number) % 2 === 1) ?? -1;
      expect(runId, 'a union has the run id of its first').toBe(runIdOf.get(first));
    }
    const runIds = taken.map(([, { runId }]) => runId);
    expect(runIds, `${trigger} got first attempts in commit order`).toEqual([...runIds].sort());
  }
}

/** A simulated world: a host that is killed, reconfigured and restarted at random. */
class World {
  readonly bench = new SessionBench();
  readonly receiver = new Receiver();
  readonly committed = new Map<string, number[]>(names.map((name) => [name, []]));
  readonly runIdOf = new Map<number, string>();
  /** Idempotency keys of what somebody wanted to be dropped. */
  readonly mayBeDropped = new Set<string>();
  readonly #random: Random;
  #life = new Life(Number.POSITIVE_INFINITY, async () => undefined);
  #staged: { number: number; runId: string; triggers: string[] } | undefined;
  #inPeace = false;
  readonly #isAudited: boolean;

  /** @param isAudited Whether the state is audited after every write. */
  constructor(seed: number, isAudited: boolean) {
    this.#isAudited = isAudited;
    this.#random = seededRandom(`world ${seed}`);
    const open = this.bench.kind.open;
    this.bench.kind.open = async (config, environment): Promise<Trigger> => {
      const life = this.#life;
      const opened = await open(config, environment);
      return {
        attempt: async (attempt) => {
          await life.point();
          await opened.attempt(attempt);
          const outcome = this.#answer();
          this.receiver.take(attempt, outcome);
          await life.point();
          return outcome;
        },
      };
    };
  }

  async live(): Promise<void> {
    const { store } = this.bench;
    for (let session = 0; session < 6; session += 1) {
      this.#life = this.#newLife(this.#chance(0.7) ? 1 + this.#below(30) : 1_000);
      this.bench.store = this.#life.store(store);
      await Promise.race([this.#work(this.#configuration(), 1 + this.#below(4)), this.#life.dead]);
      if (this.#chance(0.3)) this.bench.clock.step((this.#random.fraction() - 0.5) * 10_000_000);
    }
    this.#inPeace = true;
    this.#life = this.#newLife(Number.POSITIVE_INFINITY);
    this.bench.store = this.#life.store(store);
    for (const outbox of names)
      await this.bench.store.request(materialization, { request: 'replay', outbox, keys: 'all' });
    await this.#work(
      names.map((name) => this.#trigger(name)),
      1,
    );
  }

  #newLife(points: number): Life {
    const { store } = this.bench;
    return new Life(points, async () => {
      if (!this.#isAudited) return;
      const { inconsistencies } = auditTask(await store.read(materialization));
      expect(inconsistencies, 'the state is consistent after every write').toEqual([]);
    });
  }

  /** A session that commits so many transactions, and delivers unless a delivery or the process fails. */
  async #work(triggers: TriggerConfig[], transactions: number): Promise<void> {
    const session = await this.bench.open(triggers, {
      environment: {
        clock: this.#life.clock(this.bench.clock),
        random: { fraction: () => this.#random.fraction(), id: () => this.#random.id() },
        logger: { info() {}, warn() {} },
      },
    });
    this.#learn(session);
    try {
      for (let count = 0; count < transactions; count += 1) await this.#transact(session, triggers);
      await session.acknowledged();
      this.#learn(session);
      this.receiver.visible = Number(session.position ?? -1) + 1;
      await this.#whileTimePasses(this.#ended(session));
      await session.close();
    } catch (error) {
      // A delivery that failed for good ends a session in the ordinary way; so does the end of its process.
      expect(isStoreError(error) || (error instanceof Error && 'trigger' in error)).toBe(true);
      await session.close();
    }
  }

  #ended(session: TriggerSession): Promise<void> {
    if (this.#inPeace) return session.drained({ intervals: true });
    return this.#chance(0.5) ? session.drained() : session.settled();
  }

  /** Somebody wants something done with what is parked. */
  async #ask(): Promise<void> {
    const outbox = names[this.#below(names.length)] ?? '';
    const parked = (await this.bench.outboxes()).find(({ about }) => about.name === outbox)?.parked ?? [];
    const keys = parked.map(({ idempotencyKey }) => idempotencyKey).filter(() => this.#chance(0.5));
    if (keys.length === 0) return;
    const request = this.#chance(0.2) ? 'drop' : 'replay';
    if (request === 'drop') for (const key of keys) this.mayBeDropped.add(key);
    await this.bench.store.request(materialization, { request, outbox, keys });
  }

  async #transact(session: TriggerSession, triggers: TriggerConfig[]): Promise<void> {
    this.receiver.visible = Number(session.position ?? -1) + 1;
    await session.acknowledged();
    this.#learn(session);
    this.receiver.visible = Number(session.position ?? -1) + 1;
    const transaction = session.begin();
    if (this.#chance(0.5)) await this.#ask();
    await this.#whileTimePasses(session.settled());
    const number = Number(session.position ?? -1) + 1;
    transaction.add(0, { bytes: 2 ** number });
    const batch = session.newBatch();
    session.stage(transaction, number, batch);
    this.#staged = { number, runId: transaction.runId, triggers: triggers.map(({ name = '' }) => name) };
    if (this.#chance(0.1)) return;
    await session.commit(batch);
  }

  /** The position tells whether what was staged last is committed. */
  #learn(session: TriggerSession): void {
    if (this.#staged === undefined || session.position !== this.#staged.number) return;
    for (const name of this.#staged.triggers) this.committed.get(name)?.push(this.#staged.number);
    this.runIdOf.set(this.#staged.number, this.#staged.runId);
    this.#staged = undefined;
  }

  async #whileTimePasses(work: Promise<void>): Promise<void> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await Promise.race([done, this.bench.clock.advance(0)]);
    while (!isDone) await Promise.race([this.bench.clock.advance(40_000), this.#life.dead]);
    await done;
  }

  #answer(): AttemptOutcome {
    if (this.#inPeace || this.#chance(0.6)) return { outcome: 'delivered' };
    return this.#chance(0.15) ? { outcome: 'rejected', reason: 'no' } : { outcome: 'retry', reason: 'later' };
  }

  #configuration(): TriggerConfig[] {
    return names.filter(() => this.#chance(0.8)).map((name) => this.#trigger(name));
  }

  /** The same name always; the target, the template, the interval and the policy change from session to session. */
  #trigger(name: string): TriggerConfig {
    const version = this.#below(2);
    return {
      kind: 'scripted',
      name,
      target: `${name}-${this.#below(2)}`,
      payloadTemplate: `{"trigger":"${name}","version":${version}}`,
      maxAttempts: 1 + this.#below(3),
      onFailure: this.#chance(0.5) ? 'park' : 'block',
      ...(this.#chance(0.5) ? { interval: `${10 * (1 + this.#below(20))}s` } : {}),
    };
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }

  #chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }
}

const seedsPerTest = 30;

describe('whatever crashes, fails and is reconfigured', () => {
  it.each([0, 1, 2, 3, 4, 5])(
    'every trigger gets every commit (group %d of seeds)',
    async (group) => {
      for (let seed = group * seedsPerTest; seed < (group + 1) * seedsPerTest; seed += 1) {
        const world = new World(seed, group === 0);
        try {
          await world.live();
          for (const [name, committed] of world.committed) {
            world.receiver.check(name, committed, world.runIdOf, world.mayBeDropped);
          }
          expect(await world.bench.held()).toEqual({ a: [], b: [], c: [] });
          expect((await world.bench.outboxes()).flatMap(({ parked }) => parked)).toEqual([]);
          expect(auditTask(await world.bench.store.read(materialization)).inconsistencies).toEqual([]);
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
      }
    },
    60_000,
  );
});
