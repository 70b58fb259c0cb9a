import type { Json, TriggerConfig } from '@aftercommit/models';
import type { Store } from '@aftercommit/persistence';
import type { AttemptOutcome, Random } from '@aftercommit/registry';
import { seededRandom } from '@aftercommit/testkit';
import type { TriggerSession } from '../src/index.js';
import { materialization, SessionBench } from './session-bench.js';

export type Entries = Array<[key: string, value: Json]>;

/** The state of the task, all of it. */
export async function stateOf({ store }: { store: Store }): Promise<Entries> {
  return await store.read(materialization);
}

const names = ['a', 'b', 'c'];

/**
 * A task that is opened again and again, at random: with other triggers, under other names, after crashes between the
 * endpoint's commit and the store's, and with an endpoint that was restored from an older copy.
 */
export class AuditStory {
  readonly bench = new SessionBench();
  readonly #random: Random;
  readonly #hasEndpoint: boolean;
  /** What the endpoint committed, oldest first. */
  #endpoint: Json[] = [];

  constructor(seed: number | string) {
    this.#random = seededRandom(`story ${seed}`);
    this.#hasEndpoint = this.#chance(0.5);
    for (const name of names) this.bench.kind.respond(name, [() => this.#answer()]);
  }

  /** One session, whatever happens in it. */
  async live(): Promise<void> {
    const isReplaced = this.#restoreEndpoint();
    const last = this.#endpoint.at(-1);
    const session = await this.bench.open(
      names.filter(() => this.#chance(0.8)).map((name) => this.#trigger(name)),
      {
        acceptEndpointCheckpoint: isReplaced,
        retryNow: this.#chance(0.2),
        ...(this.#hasEndpoint ? { endpointCheckpoint: async () => last } : {}),
      },
    );
    try {
      for (let count = this.#below(5); count > 0; count -= 1) await this.#transact(session);
      await this.#whileTimePasses(session.acknowledged());
      await this.#whileTimePasses(this.#chance(0.3) ? session.drained() : session.settled());
    } catch (error) {
      // A delivery that failed for good ends a session in the ordinary way.
      if (!(error instanceof Error && 'trigger' in error)) throw error;
    }
    const closing = session.close().catch((error: unknown) => {
      if (!(error instanceof Error && 'trigger' in error)) throw error;
    });
    await this.#whileTimePasses(closing);
  }

  async #transact(session: TriggerSession): Promise<void> {
    await session.acknowledged();
    if (this.#chance(0.4)) await this.#ask();
    await this.#whileTimePasses(session.settled());
    const transaction = session.begin();
    for (let docs = this.#below(4); docs > 0; docs -= 1) transaction.add(0, { bytes: 1 + this.#below(100) });
    const batch = session.newBatch();
    const runtimeCheckpoint = session.stage(transaction, this.#below(100), batch);
    if (this.#hasEndpoint) this.#endpoint.push(runtimeCheckpoint as unknown as Json);
    if (this.#chance(0.1)) throw Object.assign(new Error('the process dies before the store commits'), { trigger: '' });
    await session.commit(batch);
  }

  /** Somebody wants something done with what is parked, or with an outbox that no trigger has any more. */
  async #ask(): Promise<void> {
    const outboxes = await this.bench.outboxes();
    const { about, parked } = outboxes[this.#below(outboxes.length)] ?? {};
    if (about === undefined || parked === undefined) return;
    const outbox = about.name;
    if (!about.hasPartner && this.#chance(0.3)) {
      return await this.bench.store.request(materialization, { request: 'drop-outbox', outbox });
    }
    const keys = parked.map(({ idempotencyKey }) => idempotencyKey).filter(() => this.#chance(0.6));
    const request = this.#chance(0.3) ? 'drop' : 'replay';
    if (keys.length > 0) await this.bench.store.request(materialization, { request, outbox, keys });
  }

  /** Whether the endpoint was replaced by an older copy, or by none. */
  #restoreEndpoint(): boolean {
    if (!this.#hasEndpoint || !this.#chance(0.15)) return false;
    this.#endpoint = this.#endpoint.slice(0, this.#below(this.#endpoint.length + 1));
    return true;
  }

  async #whileTimePasses(work: Promise<void>): Promise<void> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await Promise.race([done, this.bench.clock.advance(0)]);
    while (!isDone) await Promise.race([done, this.bench.clock.advance(40_000)]);
    await done;
  }

  #answer(): AttemptOutcome {
    if (this.#chance(0.6)) return { outcome: 'delivered' };
    return this.#chance(0.5) ? { outcome: 'rejected', reason: 'no' } : { outcome: 'retry', reason: 'later' };
  }

  /** Of the same target always; name, interval and policy change from session to session. */
  #trigger(target: string): TriggerConfig {
    return {
      kind: 'scripted',
      name: this.#chance(0.2) ? `${target}-renamed` : target,
      target,
      payloadTemplate: '{"run":"{{run_id}}"}',
      maxAttempts: 1 + this.#below(2),
      onFailure: this.#chance(0.6) ? 'park' : 'block',
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
