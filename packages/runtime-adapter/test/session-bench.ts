import { type CompiledTrigger, compileTriggers } from '@aftercommit/delivery';
import type { Json, TriggerConfig } from '@aftercommit/models';
import { MemoryStore, type Store, type WriteBatch } from '@aftercommit/persistence';
import { readOutboxes, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import { type TriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { ManualClock, type ScriptedKind, scriptedKind, seededRandom } from '@aftercommit/testkit';
import { type SessionEvent, TriggerSession, type TriggerSessionOptions } from '../src/index.js';

export const materialization = 'acme/orders';

/** A trigger of the scripted kind, called as its target. */
export function triggerConfig(target: string, given: Record<string, string | number> = {}): TriggerConfig {
  return { kind: 'scripted', name: target, target, payloadTemplate: '{"run":"{{run_id}}"}', ...given };
}

export function compile(config: TriggerConfig[], kind: TriggerKind = scriptedKind()): CompiledTrigger[] {
  return compileTriggers({ config }, new TriggerKindRegistry([kind]));
}

/** Sessions over a store, a clock and a kind that tests move; opened again as often as a test likes. */
export class SessionBench {
  readonly clock = new ManualClock();
  readonly kind: ScriptedKind = scriptedKind();
  readonly events: SessionEvent[] = [];
  store: Store;
  /** Counts the sessions, so that each draws another owner. */
  #sessions = 0;

  constructor(store?: Store) {
    this.store = store ?? new MemoryStore({ now: () => this.clock.now() });
  }

  /** Opens the task with triggers for these targets. */
  async open(
    triggers: Array<string | TriggerConfig> = ['a'],
    given: Partial<TriggerSessionOptions> = {},
  ): Promise<TriggerSession> {
    this.#sessions += 1;
    const config = triggers.map((one) => (typeof one === 'string' ? triggerConfig(one) : one));
    const { fraction, id } = seededRandom(`session ${this.#sessions}`);
    return await TriggerSession.open({
      store: this.store,
      materialization,
      bindings: [
        { collection: 'acme/orders', resourcePath: ['orders'] },
        { collection: 'acme/users', resourcePath: ['public', 'users'] },
      ],
      triggers: compile(config, this.kind),
      environment: { clock: this.clock, random: { fraction, id }, logger: { info() {}, warn() {} } },
      observe: (event) => void this.events.push(event),
      ...given,
    });
  }

  /** One transaction with so many documents, from acknowledge to commit. Its run id. */
  async transact(session: TriggerSession, docs: number, position: Json = docs): Promise<string> {
    await session.acknowledged();
    const transaction = session.begin();
    for (let count = 0; count < docs; count += 1) transaction.add(0, { bytes: 10 });
    await session.settled();
    const batch = session.newBatch();
    session.stage(transaction, position, batch);
    await session.commit(batch);
    return transaction.runId;
  }

  /** Acknowledges, and lets everything happen that needs no time. */
  async acknowledge(session: TriggerSession): Promise<void> {
    await session.acknowledged();
    await this.clock.advance(0);
  }

  async outboxes(): Promise<StoredOutbox[]> {
    return readOutboxes((await this.store.read(materialization)).filter(([key]) => key.startsWith(taskKeys.outboxes)));
  }

  /** For each outbox by name the documents of what it holds. */
  async held(): Promise<Record<string, number[]>> {
    const outboxes = await this.outboxes();
    return Object.fromEntries(
      outboxes.map(({ about, windows }) => [about.name, windows.map(({ window }) => window.docs_total)]),
    );
  }

  /** The documents that each attempt was about, in order. */
  get attempted(): number[] {
    return this.kind.attempts.map(({ variables }) => variables.docs_total);
  }
}

/** The store, but every write of its sessions goes through the function. */
export function withWrites(
  store: Store,
  around: (write: () => Promise<void>, batch: WriteBatch) => Promise<void>,
): Store {
  return {
    supports: store.supports,
    tasks: () => store.tasks(),
    read: (task) => store.read(task),
    request: (task, value) => store.request(task, value),
    close: () => store.close(),
    async open(task, owner) {
      const state = await store.open(task, owner);
      const write = state.write.bind(state);
      return Object.assign(state, { write: (batch: WriteBatch) => around(() => write(batch), batch) });
    },
  };
}

/** Waits for an error; undefined when there is none. */
export async function errorOf(work: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof work === 'function' ? work() : work);
    return undefined;
  } catch (error) {
    return error;
  }
}
