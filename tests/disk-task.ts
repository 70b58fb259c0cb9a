import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Document, parseDocument } from '@aftercommit/models';
import type { ReceivedRequest } from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import type { RunResult } from './aftercommit-run.js';
import type { DiskBench } from './disk-bench.js';
import { type Deliveries, deliveriesOf, payloadTemplate } from './disk-deliveries.js';
import { wantedTables } from './disk-documents.js';
import { type RunOptions, runWithin } from './disk-run.js';

/** Which of the two keeps the runtime checkpoint. */
export type Owner = 'endpoint' | 'store';

/** A database of the task. Each has a folder of its own, which can be a disk that fails. */
export type DatabaseName = 'state' | 'endpoint';

export const triggerNames = ['slack', 'dbt'] as const;

export type TriggerName = (typeof triggerNames)[number];

/** A materialization that merges into one table and appends to another one, with everything that it makes, in a folder. */
export class DiskTask {
  readonly folder: string;
  readonly owner: Owner;
  readonly documents: readonly Document[];
  readonly #bench: DiskBench;
  readonly #unanswered = new Map<TriggerName, number>();
  /** The task that this one is a copy of. */
  readonly #origin: DiskTask | undefined;

  /** @param documents In transactions of ten. */
  static async create(bench: DiskBench, owner: Owner, documents: readonly Document[]): Promise<DiskTask> {
    const folder = await mkdtemp(join(tmpdir(), 'disk-'));
    const task = new DiskTask(folder, owner, documents, bench, undefined);
    for (const name of ['state', 'endpoint'] as const) await mkdir(task.folderOf(name));
    await task.publish(documents.length);
    await task.#writeSpec();
    return task;
  }

  /** Lets the source have the first so many documents. */
  async publish(count: number): Promise<void> {
    const lines = this.documents.slice(0, count).map((document) => `${JSON.stringify(document)}\n`);
    await writeFile(join(this.folder, 'readings.ndjson'), lines.join(''));
  }

  private constructor(
    folder: string,
    owner: Owner,
    documents: readonly Document[],
    bench: DiskBench,
    origin: DiskTask | undefined,
  ) {
    this.folder = folder;
    this.owner = owner;
    this.documents = documents;
    this.#bench = bench;
    this.#origin = origin;
  }

  /** A copy that goes on from here by itself: it delivers elsewhere. Nobody may run the task meanwhile. */
  async copy(): Promise<DiskTask> {
    const folder = await mkdtemp(join(tmpdir(), 'disk-'));
    await cp(this.folder, folder, { recursive: true });
    const task = new DiskTask(folder, this.owner, this.documents, this.#bench, this);
    await task.#writeSpec();
    return task;
  }

  folderOf(name: DatabaseName): string {
    return join(this.folder, name);
  }

  fileOf(name: DatabaseName): string {
    return join(this.folder, name, name === 'state' ? 'state.db' : 'stations.db');
  }

  /** Runs it to its end; exit code null: it was killed. */
  async run(options: RunOptions = {}): Promise<RunResult> {
    const args = ['run', join(this.folder, 'spec.json'), '--json', '--state', this.fileOf('state')];
    const run = async (): Promise<RunResult> => await runWithin(args, options);
    return options.isWaiting === true ? await run() : await this.#bench.slots.run(run);
  }

  /** Where the trigger delivers to. */
  pathOf(trigger: TriggerName): string {
    return `/${basename(this.folder)}/${trigger}`;
  }

  /** Which request of a trigger, from 0, was not answered: it was delivered to nobody. */
  leftUnanswered(trigger: TriggerName, index: number): void {
    this.#unanswered.set(trigger, index);
  }

  /** What was accepted, also from the tasks that this one is a copy of. */
  async deliveries(trigger: TriggerName): Promise<Deliveries> {
    return deliveriesOf(await this.#requests(trigger), this.documents.length);
  }

  async #requests(trigger: TriggerName): Promise<ReceivedRequest[]> {
    const requests = await this.#bench.receiver.requests(this.pathOf(trigger));
    const own = requests.filter((_request, index) => index !== this.#unanswered.get(trigger));
    return this.#origin === undefined ? own : [...(await this.#origin.#requests(trigger)), ...own];
  }

  /** The documents in the tables. */
  tables(): Record<string, Document[]> {
    const database = new Database(this.fileOf('endpoint'), { readonly: true });
    try {
      const read = (table: string): Document[] =>
        database
          .prepare<[], string>(`SELECT flow_document FROM "${table}" ORDER BY station, reading`)
          .pluck()
          .all()
          .map((text) => parseDocument(text) as Document);
      return { stations: read('stations'), log: read('log') };
    } finally {
      database.close();
    }
  }

  wantedTables(): Record<string, Document[]> {
    return wantedTables(this.documents);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #writeSpec(): Promise<void> {
    const triggers = triggerNames.map((name) => {
      return [name, { url: `${this.#bench.receiver.url}${this.pathOf(name)}`, payloadTemplate }];
    });
    const spec = {
      collections: { 'acmeCo/stations': { key: ['/station'], reduce: 'merge', source: { ndjson: 'readings.ndjson' } } },
      materializations: {
        'acmeCo/views/stations': {
          endpoint: { sqlite: { path: 'endpoint/stations.db', runtimeCheckpointOwner: this.owner } },
          bindings: [
            { source: 'acmeCo/stations', resource: { table: 'stations' } },
            { source: 'acmeCo/stations', resource: { table: 'log', delta: true } },
          ],
          transactions: { maxDocs: 10 },
          triggers: { config: Object.fromEntries(triggers) },
        },
      },
    };
    await writeFile(join(this.folder, 'spec.json'), JSON.stringify(spec, null, 2));
  }
}
