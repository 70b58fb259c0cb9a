import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aftercommit, type RunResult } from './aftercommit-run.js';
import { sentinel, sentinelsIn } from './sentinel-search.js';

/** Secrets as receivers know them: with signs that are escaped, letters beyond ASCII, and encoded already. */
const password = sentinel('Passw0rd!');
export const headers = {
  Authorization: `Bearer ${sentinel('/tok+en="7f3a\\9c"==')}`,
  'X-Api-Key': sentinel('-APIKEY-0123456789'),
  'X-Latin': sentinel('-schlüssel-é-'),
  'X-Basic': `Basic ${Buffer.from(`jane:${password}`).toString('base64')}`,
  Cookie: `session=${sentinel('c00kie')}; theme="${sentinel('theme')}"`,
};

/** What follows a host in a URL can be a token as well. */
const urlEnd = `/${sentinel('-path-T0AAAA1111')}/in?token=${sentinel('-query-9876')}&again=${encodeURIComponent(sentinel(' a+b/'))}`;

/** A trigger with every secret. */
export function secretTrigger(url: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  const payloadTemplate = '{"docs": {{docs_total}}, "key": "{{headers.X-Api-Key}}"}';
  return { url: `${url}${urlEnd}`, headers, payloadTemplate, maxAttempts: 1, timeout: '2s', ...fields };
}

/** A task whose triggers have secrets, in a folder of its own, and everything that was said of it. */
export class SentinelTask {
  readonly folder: string;
  readonly #said: Array<{ what: string; text: string }> = [];

  static async create(): Promise<SentinelTask> {
    return new SentinelTask(await mkdtemp(join(tmpdir(), 'secrets-')));
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  get specPath(): string {
    return join(this.folder, 'spec.yaml');
  }

  get statePath(): string {
    return join(this.folder, '.aftercommit', 'state.db');
  }

  /** Writes a spec, and documents that no run has seen. */
  async write(triggers: Record<string, unknown>): Promise<void> {
    await writeFile(this.specPath, specText(JSON.stringify(triggers)));
    const lines = [1, 2, 3].map((one) => `{"id":"${crypto.randomUUID()}","n":${one}}\n`);
    await writeFile(join(this.folder, 'data.ndjson'), lines.join(''), { flag: 'a' });
  }

  /** Runs a command to its end, and keeps what it says. */
  async command(...args: string[]): Promise<RunResult> {
    return this.note(args.join(' '), await aftercommit(args));
  }

  note(what: string, result: RunResult): RunResult {
    this.#said.push({ what, text: `${result.stdout}\n${result.stderr}` });
    return result;
  }

  /** Runs a command in a terminal. Undefined: there is none to be had on this machine. */
  async inTerminal(program: string, ...args: string[]): Promise<string | undefined> {
    const command = [process.execPath, program, ...args].map((part) => `'${part}'`).join(' ');
    const { status, stdout, error } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8' });
    if (error !== undefined || status === null) return undefined;
    this.#said.push({ what: `${args.join(' ')} in a terminal`, text: stdout });
    return stdout;
  }

  /** Everything that was said and every file but the spec, with what is found in it. */
  async leaks(): Promise<string[]> {
    const files = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const written = await Promise.all(
      files
        .filter((file) => file.isFile() && !file.name.endsWith('.yaml'))
        .map(async ({ parentPath, name }) => ({ what: name, text: await readFile(join(parentPath, name)) })),
    );
    return [...this.#said, ...written].flatMap(({ what, text }) => sentinelsIn(text).map((how) => `${what}: ${how}`));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** @param triggers What stands behind `config:`. */
export function specText(triggers: string): string {
  return `collections:
  acmeCo/readings: { key: [/id], source: { ndjson: data.ndjson } }
materializations:
  acmeCo/views/readings:
    endpoint: { sqlite: { path: readings.db } }
    bindings: [{ source: acmeCo/readings, resource: { table: readings } }]
    triggers:
      config: ${triggers}
`;
}
