import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, mergePatch } from '@aftercommit/models';
import type { Store } from '@aftercommit/persistence';
import { auditTask } from '@aftercommit/persistence/audit';
import { readOutboxes } from '@aftercommit/persistence/records';
import type { ReceivedRequest, Receiver } from '@aftercommit/testkit';
import { expect } from 'vitest';
import { type CommandLineRun, type RunResult, startAftercommit } from './aftercommit-run.js';

const docs = 600;
const materializations = ['acmeCo/views/orders', 'acmeCo/views/profiles'];
const triggerNames = ['slack', 'dbt'];

/** Where the tables and the state of a story are. */
export type StoryPlace = {
  /** What stands under `endpoint` of each materialization. */
  readonly endpoint: object;
  /** What the command is told beside the spec. */
  readonly args: readonly string[];
  /** Undefined: nothing was made yet. */
  openStore(): Promise<Store | undefined>;
  /** The documents of a table, by `id` and `n`. */
  rows(table: 'orders' | 'profiles' | 'log'): Promise<unknown[]>;
};

/** Two materializations of one spec; one merges, and appends to a log beside it. It is run again and again, until one run ends. */
export class MaterializationCrashStory {
  readonly documents: Document[];
  readonly #receiver: Receiver;
  readonly #place: StoryPlace;
  readonly #spec: string;
  readonly #fraction: () => number;

  /** Also clears what the receiver has got. */
  static async begin(
    folder: string,
    receiver: Receiver,
    fraction: () => number,
    placeIn: (directory: string) => StoryPlace | Promise<StoryPlace>,
  ): Promise<MaterializationCrashStory> {
    const directory = await mkdtemp(join(folder, 'story-'));
    const story = new MaterializationCrashStory(directory, receiver, fraction, await placeIn(directory));
    await story.#prepare(directory);
    return story;
  }

  private constructor(directory: string, receiver: Receiver, fraction: () => number, place: StoryPlace) {
    this.#spec = join(directory, 'spec.json');
    this.#receiver = receiver;
    this.#fraction = fraction;
    this.#place = place;
    this.documents = Array.from({ length: docs }, (_, index): Document => {
      const id = fraction() < 0.6 ? index : Math.floor(fraction() * (index + 1));
      const field = `f${Math.floor(fraction() * 4)}`;
      return { id, n: index, [field]: fraction() < 0.2 ? null : { [`g${index % 3}`]: index }, big: 9007199254740993n };
    });
  }

  /** @param disturb Does something to the run a random while after its first sign of life. Undefined: nobody does. */
  async run(disturb?: (run: CommandLineRun) => void): Promise<RunResult> {
    const afterEvents = Math.floor(this.#fraction() * 50);
    const extraMs = this.#fraction() * 40;
    let seen = 0;
    let timer: NodeJS.Timeout | undefined;
    const disturbIn = (durationMs: number): void => {
      if (disturb !== undefined) timer = setTimeout(() => disturb(run), durationMs);
    };
    const run = startAftercommit(['run', this.#spec, '--json', ...this.#place.args], {
      onEvent: () => {
        seen += 1;
        if (seen === afterEvents) disturbIn(extraMs);
      },
    });
    if (afterEvents === 0) disturbIn(extraMs * 20);
    const result = await run.ended;
    clearTimeout(timer);
    return result;
  }

  /** Whether a window waits in an outbox. Fails unless the state is consistent, as it is after every end. */
  async hasWindows(): Promise<boolean> {
    const store = await this.#place.openStore();
    if (store === undefined) return false;
    try {
      for (const task of await store.tasks()) {
        const entries = await store.read(task);
        expect(auditTask(entries).inconsistencies, 'the state is consistent after every kill').toEqual([]);
        const outboxes = entries.filter(([key]) => key.startsWith('outbox/'));
        if (readOutboxes(outboxes).some(({ windows }) => windows.length > 0)) return true;
      }
      return false;
    } finally {
      await store.close();
    }
  }

  /** Per trigger: all documents once over distinct runs, one key and one content per run, first arrivals in order. Counts duplicates. */
  async checkDeliveries(): Promise<number> {
    const requests = await this.#receiver.requests();
    let duplicates = 0;
    for (const path of materializations.flatMap((_, index) => triggerNames.map((name) => `/${index}/${name}`))) {
      const runs = new Map<string, { key: string | undefined; body: string; docs: number }>();
      for (const { body, idempotencyKey } of requests.filter((request: ReceivedRequest) => request.path === path)) {
        const { run, docs: count }: { run: string; docs: number } = JSON.parse(body);
        const first = runs.get(run);
        if (first === undefined) {
          expect(run > ([...runs.keys()].at(-1) ?? ''), `${path}: first attempts in commit order`).toBe(true);
          runs.set(run, { key: idempotencyKey, body, docs: count });
        } else {
          duplicates += 1;
          expect({ key: idempotencyKey, body }).toEqual({ key: first.key, body: first.body });
        }
      }
      const total = [...runs.values()].reduce((sum, one) => sum + one.docs, 0);
      expect(total, `${path}: documents over distinct runs`).toBe(docs);
    }
    return duplicates;
  }

  /** Every row is what the documents make of it, and every document is in the log once. */
  async checkRows(): Promise<void> {
    const last = new Map<unknown, Document>();
    const merged = new Map<unknown, Document>();
    for (const document of this.documents) {
      last.set(document['id'], document);
      merged.set(document['id'], mergePatch(merged.get(document['id']), document) as Document);
    }
    expect(await this.#place.rows('orders')).toEqual(inOrder([...last.values()]));
    expect(await this.#place.rows('profiles')).toEqual(inOrder([...merged.values()]));
    expect(await this.#place.rows('log')).toEqual(inOrder(this.documents));
  }

  async #prepare(directory: string): Promise<void> {
    await this.#receiver.clear();
    // Receivers that take their time: most moments lie between a commit and its clear, as in real life.
    for (const [index] of materializations.entries()) {
      await this.#receiver.respond(`/${index}/slack`, [{ delayMs: 5 }]);
      await this.#receiver.respond(`/${index}/dbt`, [{ delayMs: 20 }]);
    }
    const lines = this.documents.map((document) => JSON.stringify(document, (_, value) => asText(value)));
    await writeFile(
      join(directory, 'docs.ndjson'),
      `${lines.join('\n').replaceAll('"9007199254740993"', '9007199254740993')}\n`,
    );
    const { endpoint } = this.#place;
    const source = { ndjson: 'docs.ndjson' };
    await writeFile(
      this.#spec,
      JSON.stringify({
        collections: {
          'acmeCo/orders': { key: ['/id'], source },
          'acmeCo/profiles': { key: ['/id'], reduce: 'merge', source },
        },
        materializations: {
          [String(materializations[0])]: {
            endpoint,
            bindings: [{ source: 'acmeCo/orders', resource: { table: 'orders' } }],
            transactions: { maxDocs: 30 },
            triggers: { config: Object.fromEntries(triggerNames.map((name) => this.#trigger(0, name))) },
          },
          [String(materializations[1])]: {
            endpoint,
            bindings: [
              { source: 'acmeCo/profiles', resource: { table: 'profiles' } },
              { source: 'acmeCo/profiles', resource: { table: 'log', delta: true } },
            ],
            transactions: { maxDocs: 25 },
            triggers: { config: Object.fromEntries(triggerNames.map((name) => this.#trigger(1, name))) },
          },
        },
      }),
    );
  }

  #trigger(materialization: number, name: string): [string, object] {
    const payloadTemplate = '{"run": "{{run_id}}", "docs": {{docs_total}}, "tables": {{json resource_paths}}}';
    return [name, { url: `${this.#receiver.url}/${materialization}/${name}`, payloadTemplate }];
  }
}

function asText(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function inOrder(documents: Document[]): Document[] {
  return [...documents].sort((left, right) => {
    return Number(left['id']) - Number(right['id']) || Number(left['n']) - Number(right['n']);
  });
}
