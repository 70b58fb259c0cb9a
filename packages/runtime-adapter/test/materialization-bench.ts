import type { Document, Json, TriggerConfig } from '@aftercommit/models';
import { MemoryStore, type Store } from '@aftercommit/persistence';
import { ManualClock, MemoryEndpoint, type ScriptedKind, scriptedKind, seededRandom } from '@aftercommit/testkit';
import {
  type BindingKey,
  type Connector,
  type MaterializationBinding,
  type MaterializationEnd,
  type MaterializationOptions,
  materialize,
  type SessionEvent,
  type Source,
  type SourceReader,
} from '../src/index.js';
import { compile, materialization, triggerConfig } from './session-bench.js';

/** A source in memory, which tests fill, end, and break. It is resumed by the number of documents that were read. */
export class MemorySource implements Source {
  readonly #documents: Array<Document | Error> = [];
  readonly #waiting: Array<() => void> = [];
  #isEnded = false;
  /** Positions with which it was opened. */
  readonly openedAt: Array<Json | undefined> = [];

  /** @param documents Undefined: it stays open for what comes later. */
  constructor(documents?: ReadonlyArray<Document | Error>) {
    if (documents === undefined) return;
    this.push(...documents);
    this.end();
  }

  push(...documents: ReadonlyArray<Document | Error>): void {
    this.#documents.push(...documents);
    this.#changed();
  }

  end(): void {
    this.#isEnded = true;
    this.#changed();
  }

  async open(position: Json | undefined): Promise<SourceReader> {
    this.openedAt.push(position);
    let read = Number(position ?? 0);
    return {
      next: async (limit) => {
        while (read >= this.#documents.length) {
          if (this.#isEnded) return undefined;
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
        const page = this.#documents.slice(read, read + limit);
        const error = page.findIndex((document) => document instanceof Error);
        if (error === 0) throw page[0];
        const documents = (error === -1 ? page : page.slice(0, error)) as Document[];
        read += documents.length;
        const isCaughtUp = read >= this.#documents.length;
        const first = read - documents.length + 1;
        return {
          documents: documents.map((document, index) => ({ document, bytes: 10, place: `line ${first + index}` })),
          position: read,
          isCaughtUp,
        };
      },
      close: async () => undefined,
    };
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export const orders: MaterializationBinding = { collection: 'acme/orders', resourcePath: ['orders'], key: ['/id'] };

type BenchRun = Partial<Omit<MaterializationOptions, 'sources' | 'triggers'>> & {
  /** Undefined: one trigger, `a`. */
  triggers?: Array<string | TriggerConfig>;
};

/** A task over an endpoint, a store, a clock and a kind that tests move; run again as often as a test likes. */
export class MaterializationBench {
  readonly clock = new ManualClock();
  readonly kind: ScriptedKind = scriptedKind();
  readonly events: SessionEvent[] = [];
  readonly warnings: string[] = [];
  readonly endpoint = new MemoryEndpoint();
  readonly owner: Connector['runtimeCheckpointOwner'];
  store: Store = new MemoryStore({ now: () => this.clock.now() });
  /** Keys that were looked up. */
  readonly lookedUp: BindingKey[] = [];
  #runs = 0;

  constructor(owner: Connector['runtimeCheckpointOwner'] = 'endpoint') {
    this.owner = owner;
  }

  connect(bindings: readonly MaterializationBinding[]): Connector {
    const runtimeCheckpointOwner = this.owner;
    const connector = this.endpoint.connect({
      bindings: bindings.map(({ key, isDelta = false }) => ({ key, isDelta })),
      runtimeCheckpointOwner,
    });
    const load = connector.load.bind(connector);
    const note = async function* (keys: AsyncIterable<BindingKey>, lookedUp: BindingKey[]) {
      for await (const key of keys) {
        lookedUp.push(key);
        yield key;
      }
    };
    return Object.assign(connector, { load: (keys: AsyncIterable<BindingKey>) => load(note(keys, this.lookedUp)) });
  }

  /** Runs the task with the documents of `acme/orders`, or with these sources. */
  async run(
    sources: Source | Record<string, Source>,
    { triggers = ['a'], bindings = [orders], ...given }: BenchRun = {},
  ): Promise<MaterializationEnd> {
    this.#runs += 1;
    const { fraction, id } = seededRandom(`run ${this.#runs}`);
    const named = 'open' in sources && typeof sources.open === 'function';
    return await materialize({
      store: this.store,
      materialization,
      connector: this.connect(bindings),
      bindings,
      sources: new Map(
        named ? [['acme/orders', sources as Source]] : Object.entries(sources as Record<string, Source>),
      ),
      triggers: compile(
        triggers.map((trigger) => (typeof trigger === 'string' ? triggerConfig(trigger) : trigger)),
        this.kind,
      ),
      environment: {
        clock: this.clock,
        random: { fraction, id },
        logger: { info() {}, warn: (message) => void this.warnings.push(message) },
      },
      observe: (event) => void this.events.push(event),
      ...given,
    });
  }

  /** Lets everything happen that needs no time, until something has. */
  async until(hasHappened: () => boolean): Promise<void> {
    for (let turn = 0; !hasHappened(); turn += 1) {
      if (turn > 1_000) throw new Error('It does not happen without the clock being moved.');
      await this.clock.advance(0);
    }
  }

  /** The documents of each committed transaction, as the session told it. */
  get committed(): number[] {
    return this.events.flatMap((event) => (event.event === 'committed' ? [event.docs] : []));
  }

  /** The documents that each delivered attempt was about, in order. */
  get delivered(): number[] {
    return this.kind.attempts.map(({ variables }) => variables.docs_total);
  }

  eventsOf<Name extends SessionEvent['event']>(name: Name): Array<Extract<SessionEvent, { event: Name }>> {
    return this.events.filter((event): event is Extract<SessionEvent, { event: Name }> => event.event === name);
  }
}

/** So many different documents. */
export function documents(count: number, from = 1): Document[] {
  return Array.from({ length: count }, (_, index) => ({ id: from + index, text: `document ${from + index}` }));
}
