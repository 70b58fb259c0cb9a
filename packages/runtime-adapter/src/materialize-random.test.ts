import { type Document, mergePatch } from '@aftercommit/models';
import { MemoryStore, type Store } from '@aftercommit/persistence';
import { readOutboxes, taskKeys } from '@aftercommit/persistence/records';
import type { Attempt, AttemptOutcome, Random, TriggerKind } from '@aftercommit/registry';
import { MemoryEndpoint, scriptedKind, seededRandom } from '@aftercommit/testkit';
import { describe, expect, test } from 'vitest';
import { MemorySource } from '../test/materialization-bench.js';
import { compile, materialization, triggerConfig } from '../test/session-bench.js';
import type { Connector, LoadedDocument } from './connector.js';
import type { MaterializationBinding } from './materialization-options.js';
import { materialize } from './materialize.js';

const seeds = Number(process.env['AFTERCOMMIT_SEEDS'] ?? 25);
const first = Number(process.env['AFTERCOMMIT_SEED'] ?? 1);

const bindings: MaterializationBinding[] = [
  { collection: 'last', resourcePath: ['last'], key: ['/id'] },
  { collection: 'merge', resourcePath: ['merge'], key: ['/id'], reduce: 'merge' },
  { collection: 'merge', resourcePath: ['log'], key: ['/id'], isDelta: true },
];
/** The last one parks what its receiver refuses. */
const triggers = ['a', 'b', 'parks'];

/** A process that stands still, or is dead, from a moment on: whatever it waits for there resolves when it is thawed. */
class Life {
  #pointsLeft: number;
  #thaw = (): void => undefined;
  readonly #thawed = new Promise<void>((resolve) => {
    this.#thaw = resolve;
  });
  readonly stood: Promise<'stood'>;
  #stand = (): void => undefined;

  constructor(points: number) {
    this.#pointsLeft = points;
    this.stood = new Promise((resolve) => {
      this.#stand = () => resolve('stood');
    });
  }

  thaw(): void {
    this.#thaw();
  }

  async point(): Promise<void> {
    this.#pointsLeft -= 1;
    if (this.#pointsLeft >= 0) return;
    this.#stand();
    await this.#thawed;
  }

  /** Each verb may be the last one, before its effect or after. */
  around<Result>(work: () => Promise<Result>): Promise<Result> {
    return (async () => {
      await this.point();
      const result = await work();
      await this.point();
      return result;
    })();
  }

  connector(inner: Connector): Connector {
    return {
      runtimeCheckpointOwner: inner.runtimeCheckpointOwner,
      open: (from) => this.around(() => inner.open(from)),
      acknowledge: () => this.around(() => inner.acknowledge()),
      flush: () => this.around(() => inner.flush()),
      store: (documents) => this.around(() => inner.store(documents)),
      startCommit: (checkpoint) => this.around(() => inner.startCommit(checkpoint)),
      close: () => inner.close(),
      load: (keys) => this.#answers(inner.load(keys)),
    };
  }

  async *#answers(loaded: AsyncIterable<LoadedDocument>): AsyncGenerator<LoadedDocument> {
    for await (const one of loaded) {
      await this.point();
      yield one;
    }
  }

  kind(receivers: Receivers): TriggerKind {
    return scriptedKind({
      script: [
        (attempt) =>
          this.around(async () => {
            return receivers.take(attempt);
          }),
      ],
    });
  }

  store(inner: Store): Store {
    return {
      supports: inner.supports,
      tasks: () => inner.tasks(),
      read: (task) => inner.read(task),
      request: (task, value) => inner.request(task, value),
      close: () => inner.close(),
      open: async (task, owner) => {
        const state = await this.around(() => inner.open(task, owner));
        const write = state.write.bind(state);
        return Object.assign(state, { write: (batch: Parameters<typeof write>[0]) => this.around(() => write(batch)) });
      },
    };
  }
}

/** What receivers know: the documents of each run, by trigger. */
class Receivers {
  readonly #random: Random;
  /** Run ids that the last trigger's receiver took. */
  readonly delivered = new Set<string>();
  readonly runs = new Map(triggers.map((name) => [name, new Map<string, { docs: number; key: string }>()]));
  inOrder = true;

  constructor(random: Random) {
    this.#random = random;
  }

  take({ payload, variables, idempotencyKey }: Attempt): AttemptOutcome {
    const { trigger } = JSON.parse(payload) as { trigger: string };
    const runs = this.runs.get(trigger) ?? new Map();
    const known = runs.get(variables.run_id);
    const latest = [...runs.keys()].at(-1) ?? '';
    if (known === undefined && variables.run_id < latest) this.inOrder = false;
    const seen = known ?? { docs: variables.docs_total, key: idempotencyKey };
    expect(seen, 'I4').toEqual({ docs: variables.docs_total, key: idempotencyKey });
    runs.set(variables.run_id, seen);
    if (trigger !== 'parks') return { outcome: 'delivered' };
    if (this.#random.fraction() < 0.4) return { outcome: 'rejected', reason: 'no' };
    this.delivered.add(variables.run_id);
    return { outcome: 'delivered' };
  }

  totals(): number[] {
    return triggers.map((name) => [...(this.runs.get(name)?.values() ?? [])].reduce((sum, { docs }) => sum + docs, 0));
  }
}

function randomDocuments(random: Random, count: number): Document[] {
  return Array.from({ length: count }, (_, index) => {
    // Keys rise and come back: both what is known to be new and what has to be looked up.
    const id = random.fraction() < 0.5 ? index : Math.floor(random.fraction() * (index + 1));
    const field = `f${Math.floor(random.fraction() * 3)}`;
    return { id, [field]: random.fraction() < 0.2 ? null : { [`g${index % 2}`]: index }, n: index };
  });
}

function expectedRows(documents: { last: Document[]; merge: Document[] }): unknown[] {
  const last = new Map(documents.last.map((document) => [document['id'], document]));
  const merged = new Map<unknown, unknown>();
  for (const document of documents.merge) {
    merged.set(document['id'], mergePatch(merged.get(document['id']) as Document | undefined, document));
  }
  return [sortedById([...last.values()]), sortedById([...merged.values()] as Document[]), sortedById(documents.merge)];
}

function sortedById(rows: Document[]): Document[] {
  return [...rows].sort(
    (left, right) => Number(left['id']) - Number(right['id']) || Number(left['n']) - Number(right['n']),
  );
}

async function tellStory(seed: number, mayFreeze: boolean, switchesOwner: boolean): Promise<void> {
  const random = seededRandom(seed);
  const documents = { last: randomDocuments(random, 25), merge: randomDocuments(random, 25) };
  const sources = new Map(Object.entries(documents).map(([name, all]) => [name, new MemorySource(all)]));
  let now = Date.UTC(2024, 0, 1);
  const store = new MemoryStore({ now: () => now });
  const endpoint = new MemoryEndpoint();
  const receivers = new Receivers(seededRandom(`receiver ${seed}`));
  let runtimeCheckpointOwner: Connector['runtimeCheckpointOwner'] = random.fraction() < 0.5 ? 'endpoint' : 'store';
  const frozen: Life[] = [];
  for (let lives = 0; ; lives += 1) {
    expect(lives, 'lives').toBeLessThan(200);
    now += 1_000;
    if (switchesOwner && random.fraction() < 0.4) {
      runtimeCheckpointOwner = runtimeCheckpointOwner === 'store' ? 'endpoint' : 'store';
    }
    const life = new Life(lives > 40 ? Number.POSITIVE_INFINITY : Math.floor(random.fraction() * 60));
    const running = materialize({
      store: life.store(store),
      materialization,
      connector: life.connector(
        endpoint.connect({
          bindings: bindings.map(({ key, isDelta = false }) => ({ key, isDelta })),
          runtimeCheckpointOwner,
        }),
      ),
      bindings,
      sources,
      triggers: compile(
        triggers.map((name) => ({
          ...triggerConfig(name, name === 'parks' ? { onFailure: 'park' } : {}),
          payloadTemplate: `{"trigger":"${name}"}`,
        })),
        life.kind(receivers),
      ),
      transactions: { maxDocs: 1 + Math.floor(random.fraction() * 9) },
      environment: { clock: { now: () => now, monotonic: () => now, sleep: idle }, logger: { info() {}, warn() {} } },
    });
    // A zombie thaws at any later moment: it may fail, and must not harm.
    running.catch(() => undefined);
    const end = await Promise.race([running.then(() => 'done' as const), life.stood]);
    if (end === 'done') break;
    if (mayFreeze) frozen.push(life);
    if (frozen.length > 0 && random.fraction() < 0.5)
      frozen.splice(Math.floor(random.fraction() * frozen.length), 1)[0]?.thaw();
  }
  for (const life of frozen) life.thaw();
  await new Promise((resolve) => setImmediate(resolve));
  expect([0, 1, 2].map((binding) => sortedById(endpoint.rows(binding)))).toEqual(expectedRows(documents));
  expect(receivers.totals()).toEqual([50, 50, 50]);
  const outboxes = readOutboxes(
    (await store.read(materialization)).filter(([key]) => key.startsWith(taskKeys.outboxes)),
  );
  const parked = outboxes.flatMap((outbox) => outbox.parked.map(({ window }) => window.run_id));
  expect(outboxes.flatMap(({ windows }) => windows)).toEqual([]);
  expect(new Set([...parked, ...receivers.delivered]), 'I1').toEqual(new Set(receivers.runs.get('parks')?.keys()));
  if (!mayFreeze) expect(receivers.inOrder, 'I5').toBe(true);
}

/** Time does not pass by itself: whoever sleeps, sleeps until it is woken. */
function idle(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (durationMs <= 0 || signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

describe.each(Array.from({ length: seeds }, (_, index) => first + index))('seed %i', (seed) => {
  test('rows and deliveries are exact, whenever the process dies', () => tellStory(seed, false, false));
  test('the same when it changes who owns the runtime checkpoint', () => tellStory(seed, false, true));
  test('the same when it freezes, and goes on beside its successors', () => tellStory(seed, true, false));
  test('the same when it does both', () => tellStory(seed, true, true));
});
