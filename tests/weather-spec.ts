import { appendFile, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { aftercommit, type RunResult } from './aftercommit-run.js';

const weatherTask = 'acmeCo/views/weather';

/** A spec with one materialization, its data, and everything that running it makes, in a folder of its own. */
export class WeatherSpec {
  readonly folder: string;

  static async create(): Promise<WeatherSpec> {
    return new WeatherSpec(await mkdtemp(join(tmpdir(), 'weather-')));
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  get path(): string {
    return join(this.folder, 'spec.json');
  }

  /** @param given Fields of the materialization, and of the endpoint. */
  async write(
    triggers: object,
    given: { maxDocs?: number; endpoint?: object; table?: string; ndjson?: string } = {},
  ): Promise<void> {
    const { maxDocs = 10, endpoint = {}, table = 'weather', ndjson = 'weather.ndjson' } = given;
    const materialization = {
      endpoint: { sqlite: { path: 'weather.db', ...endpoint } },
      bindings: [{ source: 'acmeCo/weather', resource: { table } }],
      transactions: { maxDocs },
      triggers: { config: triggers },
    };
    const spec = {
      collections: { 'acmeCo/weather': { key: ['/day'], source: { ndjson } } },
      materializations: { [weatherTask]: materialization },
    };
    await writeFile(this.path, JSON.stringify(spec, null, 2));
  }

  /** Appends so many days to the data. */
  async addDays(from: number, count: number): Promise<void> {
    const lines = Array.from({ length: count }, (_, index) => `{"day":${from + index},"rain":${(from + index) / 4}}\n`);
    await appendFile(join(this.folder, 'weather.ndjson'), lines.join(''));
  }

  async run(...args: string[]): Promise<RunResult> {
    return await aftercommit(['run', this.path, '--json', ...args]);
  }

  /** The days in the endpoint, in order. */
  days(table = 'weather'): number[] {
    const database = new Database(join(this.folder, 'weather.db'), { readonly: true });
    try {
      return database.prepare<[], number>(`SELECT day FROM "${table}" ORDER BY day`).pluck().all();
    } finally {
      database.close();
    }
  }

  readonly state = '.aftercommit/state.db';
  readonly endpoint = 'weather.db';

  /** Removes a database, as somebody does who takes it for a cache. */
  async delete(database: string): Promise<void> {
    for (const suffix of ['', '-wal', '-shm']) await rm(join(this.folder, `${database}${suffix}`), { force: true });
  }

  /** A copy to restore later. Nobody may have the database open. */
  async backUp(database: string): Promise<void> {
    const connection = new Database(join(this.folder, database));
    connection.pragma('wal_checkpoint(TRUNCATE)');
    connection.close();
    await copyFile(join(this.folder, database), join(this.folder, `${database}.backup`));
  }

  async restore(database: string): Promise<void> {
    await this.delete(database);
    await copyFile(join(this.folder, `${database}.backup`), join(this.folder, database));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
