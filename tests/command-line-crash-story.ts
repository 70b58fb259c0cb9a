import { appendFile, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, parseDocument } from '@aftercommit/models';
import { readOutboxes, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import Database from 'better-sqlite3';
import type { DecidingReceiver, Received } from './command-line-crash-receiver.js';
import { type Kill, runAndKill, runHere, type StoryRun } from './command-line-crash-run.js';

const task = 'acmeCo/views';
const payloadTemplate = '{"run": "{{run_id}}", "docs": {{docs_total}}, "tables": {{json resource_paths}}}';

export const owners = ['endpoint', 'store'] as const;
export type Owner = (typeof owners)[number];

/** One that blocks, one with an interval, and one that parks. */
export const triggerNames = ['block', 'interval', 'park'] as const;
export type TriggerName = (typeof triggerNames)[number];

/** What was written to the sources: documents of which the last of a key counts, and others that are merged. */
export type Documents = { orders: Document[]; profiles: Document[] };

/**
 * One materialization from its first run to its last, in a folder of its own: three tables (the last document of a key
 * counts; merged, so that there is something to load; every document), three triggers, transactions of five documents.
 */
export class CrashStory {
  readonly documents: Documents = { orders: [], profiles: [] };
  /** How many rows of the log could be seen when a delivery arrived first, by its key. */
  readonly visibleAtArrival = new Map<string, number>();
  readonly #folder: string;
  readonly #receiver: DecidingReceiver;
  readonly #name: string;

  static async create(parent: string, receiver: DecidingReceiver, owner: Owner): Promise<CrashStory> {
    const folder = await mkdtemp(join(parent, 'story-'));
    const story = new CrashStory(folder, receiver);
    await writeFile(join(folder, 'spec.json'), JSON.stringify(story.#spec(owner)));
    await story.addDocuments(10);
    return story;
  }

  private constructor(folder: string, receiver: DecidingReceiver) {
    this.#folder = folder;
    this.#receiver = receiver;
    this.#name = folder.slice(folder.lastIndexOf('/'));
  }

  /** Where its deliveries arrive. */
  path(trigger: TriggerName): string {
    return `${this.#name}/${trigger}`;
  }

  received(trigger: TriggerName): readonly Received[] {
    return this.#receiver.received(this.path(trigger));
  }

  /** To be called when a delivery arrives, before it is answered. */
  noteArrival(key: string): void {
    if (this.visibleAtArrival.has(key)) return;
    const count = this.#read((endpoint) => endpoint.prepare('SELECT count(*) FROM log').pluck().get());
    this.visibleAtArrival.set(key, Number(count));
  }

  /** The documents that a reader of the endpoint sees in a table, in order. */
  rows(table: string): unknown[] {
    const select = `SELECT flow_document FROM "${table}" ORDER BY id, n`;
    const lines = this.#read((endpoint) => endpoint.prepare<[], string>(select).pluck().all());
    return lines.map((line) => parseDocument(line));
  }

  /** Appends so many documents to each source. */
  async addDocuments(count: number): Promise<void> {
    const from = this.documents.orders.length;
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    const orders = numbers.map((n): Document => ({ id: n % 7, n }));
    const profiles = numbers.map(
      (n): Document => ({ id: n - (n % 3), n, [`field${n % 4}`]: n % 5 === 0 ? null : { n } }),
    );
    for (const [name, added] of [['orders', orders] as const, ['profiles', profiles] as const]) {
      this.documents[name].push(...added);
      await appendFile(join(this.#folder, `${name}.ndjson`), added.map((one) => `${JSON.stringify(one)}\n`).join(''));
    }
  }

  /** Runs the command line until the sources end and everything is delivered or parked. */
  async run(): Promise<StoryRun> {
    return await runHere(this.#runArguments);
  }

  /** Runs the command line in a process of its own, which is killed there. */
  async runAndKill(kill: Kill): Promise<StoryRun> {
    return await runAndKill(this.#runArguments, kill);
  }

  /** Leaves the message that asks for everything parked to be delivered again. */
  async askForReplay(): Promise<StoryRun> {
    return await runHere(['parked', 'replay', this.#file('spec.json'), '--all']);
  }

  /** What the state holds for each trigger. Looks at a copy: what a killed run left, the next run finds as it was left. */
  async outboxes(): Promise<Record<TriggerName, Pick<StoredOutbox, 'windows' | 'parked'>>> {
    const copy = this.#file('state-copy');
    await mkdir(copy);
    for (const suffix of ['', '-wal']) await this.#copyState(suffix, copy);
    const store = SqliteStore.open(join(copy, 'state.db'));
    const entries = (await store.read(task)).filter(([key]) => key.startsWith(taskKeys.outboxes));
    await store.close();
    await rm(copy, { recursive: true });
    const outboxes = readOutboxes(entries);
    const empty = { windows: [], parked: [] };
    const outboxOf = (trigger: TriggerName) => outboxes.find(({ about }) => about.name === trigger) ?? empty;
    return { block: outboxOf('block'), interval: outboxOf('interval'), park: outboxOf('park') };
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  #read<Result>(read: (endpoint: Database.Database) => Result): Result {
    const endpoint = new Database(this.#file('views.db'), { readonly: true });
    try {
      return read(endpoint);
    } finally {
      endpoint.close();
    }
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  /** One that was killed at once has none yet. */
  async #copyState(suffix: string, folder: string): Promise<void> {
    const name = `state.db${suffix}`;
    await copyFile(join(this.#folder, '.aftercommit', name), join(folder, name)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }

  #spec(owner: Owner): object {
    const trigger = (name: TriggerName): object => ({
      url: `${this.#receiver.url}${this.path(name)}`,
      payloadTemplate,
    });
    return {
      collections: {
        'acmeCo/orders': { key: ['/id'], source: { ndjson: 'orders.ndjson' } },
        'acmeCo/profiles': { key: ['/id'], reduce: 'merge', source: { ndjson: 'profiles.ndjson' } },
      },
      materializations: {
        [task]: {
          endpoint: { sqlite: { path: 'views.db', runtimeCheckpointOwner: owner } },
          bindings: [
            { source: 'acmeCo/orders', resource: { table: 'orders' } },
            { source: 'acmeCo/profiles', resource: { table: 'profiles' } },
            { source: 'acmeCo/profiles', resource: { table: 'log', delta: true } },
          ],
          transactions: { maxDocs: 5 },
          triggers: {
            config: {
              block: trigger('block'),
              interval: { ...trigger('interval'), interval: '50ms' },
              park: { ...trigger('park'), onFailure: 'park' },
            },
          },
        },
      },
    };
  }

  get #runArguments(): string[] {
    return ['run', this.#file('spec.json'), '--json', '--drain'];
  }
}
