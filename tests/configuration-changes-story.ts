import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOutboxes, type StoredOutbox } from '@aftercommit/persistence/records';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import type { ReceivedRequest, Receiver, ReceiverResponse } from '@aftercommit/testkit';
import { aftercommit, type RunEvent, type RunResult, startAftercommit } from './aftercommit-run.js';
import { WeatherSpec } from './weather-spec.js';

/** As `WeatherSpec` calls its materialization. */
const weatherTask = 'acmeCo/views/weather';

/** A webhook as a story writes it: a path instead of a URL, and instead of a template what its payloads say they are. */
export type Hook = { url: string; as?: string; [field: string]: string | number | object | undefined };

/** A list or a map of triggers; undefined: the materialization has none at all. */
export type Hooks = Hook[] | Record<string, Hook> | undefined;

/** What a run did. */
export type Outcome = {
  result: RunResult;
  /** What arrived in this run, by path, in order. */
  requests: Map<string, ReceivedRequest[]>;
  /** As `requests`, in words: `A2` is the window that waited for the first trigger since the second commit, `3` is new. */
  arrived: Record<string, string>;
  /** What outboxes hold at its end, one line for each: `A slack: A3`, `B ~ alone: B2 parked B1`. `~`: a derived name. */
  left: string[];
  outboxes: StoredOutbox[];
};

/** One materialization whose triggers are edited between its runs. Every run but the first finds one more document. */
export class ConfigurationStory {
  readonly spec: WeatherSpec;
  readonly #receiver: Receiver;
  readonly #prefix: string;
  /** What windows are called, by their idempotency keys. */
  readonly #labels = new Map<string, string>();
  /** The commits, by their run ids, numbered from 1. */
  readonly #commits = new Map<string, number>();
  readonly #names = new Set<string>();
  #days = 0;

  static async begin(receiver: Receiver, prefix: string): Promise<ConfigurationStory> {
    return new ConfigurationStory(receiver, prefix, await WeatherSpec.create());
  }

  private constructor(receiver: Receiver, prefix: string, spec: WeatherSpec) {
    this.#receiver = receiver;
    this.#prefix = prefix;
    this.spec = spec;
  }

  /** Says what a path answers from now on; the last answer repeats. */
  async respond(path: string, script: ReceiverResponse[]): Promise<void> {
    await this.#receiver.respond(`${this.#prefix}${bare(path)}`, script);
  }

  async edit(hooks: Hooks): Promise<void> {
    const config = Array.isArray(hooks) ? hooks.map((hook) => this.#trigger(hook)) : this.#map(hooks ?? {});
    for (const name of Array.isArray(hooks) ? [] : Object.keys(hooks ?? {})) this.#names.add(name);
    await this.spec.write(config, { maxDocs: 1 });
    if (hooks !== undefined) return;
    const text = await readFile(this.spec.path, 'utf8');
    await writeFile(this.spec.path, text.replace(/,\s*"triggers": \{\s*"config": \{\}\s*\}/, ''));
  }

  async addDays(count: number): Promise<void> {
    await this.spec.addDays(this.#days + 1, count);
    this.#days += count;
  }

  /** Runs to the end with these triggers, and one more day. */
  async run(hooks: Hooks, ...args: string[]): Promise<Outcome> {
    await this.edit(hooks);
    await this.addDays(1);
    return await this.runAsItIs(...args);
  }

  async runAsItIs(...args: string[]): Promise<Outcome> {
    const before = new Map((await this.#requestsByPath()).map(([path, requests]) => [path, requests.length]));
    return await this.#outcome(await this.spec.run(...args), before);
  }

  /** Runs until so many requests are there at each of the paths and so much is parked, and kills the process then. */
  async runAndKill(counts: Record<string, number>, parked: number): Promise<Outcome> {
    let stillToPark = parked;
    let allParked = (): void => undefined;
    const isParked = new Promise<void>((resolve) => (allParked = resolve));
    if (parked === 0) allParked();
    const onEvent = ({ event }: RunEvent): void => {
      if (event === 'parked' && --stillToPark === 0) allParked();
    };
    const run = startAftercommit(['run', this.spec.path, '--json'], { onEvent });
    await isParked;
    for (const [path, count] of Object.entries(counts)) await this.#receiver.waitFor(count, this.#prefix + bare(path));
    run.process.kill('SIGKILL');
    return await this.#outcome(await run.ended, new Map());
  }

  async status(): Promise<string> {
    return (await aftercommit(['status', this.spec.path])).stdout;
  }

  async outboxes(): Promise<StoredOutbox[]> {
    const store = SqliteStore.open(join(this.spec.folder, this.spec.state));
    try {
      return readOutboxes((await store.read(weatherTask)).filter(([key]) => key.startsWith('outbox/')));
    } finally {
      await store.close();
    }
  }

  async remove(): Promise<void> {
    await this.spec.remove();
  }

  #map(hooks: Record<string, Hook>): Record<string, object> {
    return Object.fromEntries(Object.entries(hooks).map(([name, hook]) => [name, this.#trigger(hook)]));
  }

  #trigger({ url, as = 'x', ...fields }: Hook): object {
    if (typeof fields['name'] === 'string') this.#names.add(fields['name']);
    const payloadTemplate = `{"run": "{{run_id}}", "as": "${as}"}`;
    return { url: `${this.#receiver.url}${this.#prefix}${url}`, payloadTemplate, maxAttempts: 1, ...fields };
  }

  async #requestsByPath(): Promise<Array<[string, ReceivedRequest[]]>> {
    const paths = new Map<string, ReceivedRequest[]>();
    for (const request of await this.#receiver.requests()) {
      if (!request.path.startsWith(`${this.#prefix}/`)) continue;
      const path = request.path.slice(this.#prefix.length);
      paths.set(path, [...(paths.get(path) ?? []), request]);
    }
    return [...paths];
  }

  async #outcome(result: RunResult, before: ReadonlyMap<string, number>): Promise<Outcome> {
    const requests = (await this.#requestsByPath()).flatMap(([path, all]): Array<[string, ReceivedRequest[]]> => {
      const fresh = all.slice(before.get(path) ?? 0);
      return fresh.length === 0 ? [] : [[path, fresh]];
    });
    const outboxes = await this.outboxes();
    for (const { event, runId = '' } of result.events) {
      if (event === 'committed') this.#commits.set(runId, this.#commits.size + 1);
    }
    const arrived = requests.map(([path, all]) => [path, all.map((request) => this.#labelOf(request)).join(' ')]);
    const left = outboxes.flatMap((outbox) => this.#lineOf(outbox) ?? []);
    return { result, requests: new Map(requests), arrived: Object.fromEntries(arrived), left, outboxes };
  }

  /** A window that an earlier run left has a label; with how it was rendered, where that is not as `x`. */
  #labelOf(request: ReceivedRequest): string {
    const { as }: { as?: string } = JSON.parse(request.body);
    const label = this.#labels.get(request.idempotencyKey ?? '') ?? String(this.#commits.get(runIdOf(request)));
    return as === undefined || as === 'x' ? label : `${label}:${as}`;
  }

  #lineOf({ id, about, windows, parked }: StoredOutbox): string | undefined {
    const letter = String.fromCharCode('A'.charCodeAt(0) + Number(id) - 1);
    const labelled = ({
      idempotencyKey,
      window,
    }: Pick<StoredOutbox['windows'][number], 'idempotencyKey' | 'window'>) => {
      const label = this.#labels.get(idempotencyKey) ?? `${letter}${this.#commits.get(window.run_id)}`;
      this.#labels.set(idempotencyKey, label);
      return label;
    };
    const texts = [...windows.map(labelled), ...parked.map((record) => `parked ${labelled(record)}`)];
    if (texts.length === 0) return undefined;
    const name = this.#names.has(about.name) ? about.name : '~';
    return `${letter} ${name}${about.hasPartner ? '' : ' alone'}: ${texts.join(' ')}`;
  }
}

function runIdOf({ body }: ReceivedRequest): string {
  const { run }: { run: string } = JSON.parse(body);
  return run;
}

/** A path without its query. */
function bare(path: string): string {
  return path.split('?')[0] ?? '';
}
