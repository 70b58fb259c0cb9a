import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { CoordinationEvent } from '@aftercommit/persistence-postgres/coordination';
import { type DroppingProxy, startDroppingProxy } from '../../packages/persistence-postgres/test/dropping-proxy.js';
import type { HostOptions } from './host-options.js';

/** A host in a process of its own, behind a network of its own. */
export class HostProcess {
  readonly proxy: DroppingProxy;
  /** The tasks that it says it runs. */
  readonly owned = new Set<string>();
  readonly events: CoordinationEvent[] = [];
  /** When each of the events was seen here, by the monotonic clock. */
  readonly seenAt: number[] = [];
  /** How long each transaction took from BEGIN to COMMIT, in milliseconds. */
  readonly commitMs: number[] = [];
  errors = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param program From `bundleProgram`. */
  static async start(program: string, serverPort: number, options: HostOptions): Promise<HostProcess> {
    const proxy = await startDroppingProxy(serverPort);
    const url = options.url.replace(`:${serverPort}/`, `:${proxy.port}/`);
    return new HostProcess(program, proxy, { ...options, url });
  }

  private constructor(program: string, proxy: DroppingProxy, options: HostOptions) {
    this.proxy = proxy;
    this.#child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'close');
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#note(line));
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.errors += text.toString();
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** How it ended by itself, for people. */
  async ending(): Promise<string> {
    await this.#ended;
    return `${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`}: ${this.errors}`;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it, and resolves when it has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.signal(signal);
    await this.#ended;
    await this.proxy.close();
  }

  #note(line: string): void {
    const event: CoordinationEvent | { event: 'committed'; ms: number } = JSON.parse(line);
    if (event.event === 'committed') {
      this.commitMs.push(event.ms);
      return;
    }
    this.events.push(event);
    this.seenAt.push(performance.now());
    if (event.event === 'claimed') this.owned.add(event.task);
    if (event.event === 'released' || event.event === 'lost') this.owned.delete(event.task);
  }
}
