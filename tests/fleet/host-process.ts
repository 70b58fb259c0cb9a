import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { CoordinationEvent } from '@aftercommit/persistence-postgres/coordination';
import { type PostgresProxy, startPostgresProxy } from '../servers/postgres-proxy.js';
import type { HostOptions } from './host-options.js';

/** `atMs`: when it happened, by a monotonic clock that all hosts of this machine have in common. */
export type SaidEvent = CoordinationEvent & { readonly atMs: number };

/** How a host's process is started: the command for a program and its arguments. */
export type HostCommand = (program: string, args: readonly string[]) => [program: string, args: string[]];

/** A host in a process of its own, behind a network of its own. */
export class HostProcess {
  /** Undefined: its network is another one. */
  readonly proxy: PostgresProxy | undefined;
  /** The tasks that it says it runs. */
  readonly owned = new Set<string>();
  readonly events: SaidEvent[] = [];
  /** When each of the events was seen here, by the monotonic clock. */
  readonly seenAt: number[] = [];
  /** How long each transaction took from BEGIN to COMMIT, in milliseconds. */
  readonly commitMs: number[] = [];
  errors = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param program From `bundleProgram`. */
  static async start(program: string, serverPort: number, options: HostOptions): Promise<HostProcess> {
    const proxy = await startPostgresProxy(serverPort);
    const url = options.url.replace(`:${serverPort}/`, `:${proxy.port}/`);
    return new HostProcess(program, { ...options, url }, asItIs, proxy);
  }

  /** On a network where it reaches the server, and the receiver, by the addresses in its options. */
  static startBehind(command: HostCommand, program: string, options: HostOptions): HostProcess {
    return new HostProcess(program, options, command, undefined);
  }

  private constructor(program: string, options: HostOptions, command: HostCommand, proxy: PostgresProxy | undefined) {
    this.proxy = proxy;
    const [file, args] = command(process.execPath, [program, JSON.stringify(options)]);
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
    await this.proxy?.close();
  }

  #note(line: string): void {
    const event: SaidEvent | { event: 'committed'; ms: number } = JSON.parse(line);
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

function asItIs(program: string, args: readonly string[]): [string, string[]] {
  return [program, [...args]];
}
