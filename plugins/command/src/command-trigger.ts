import { basename } from 'node:path';
import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import type { AllowedPrograms } from './allowed-programs.js';
import { childEnvironment } from './child-environment.js';
import type { CommandConfig } from './command-config.js';
import { type ProgramEnd, ProgramRun } from './program-run.js';
import { startFailure } from './start-failure.js';

/** How long the rest of the output of a program that failed is waited for: somebody whom it left behind may hold it. */
const evidencePatienceMs = 100;

/** What a trigger needs beside its configuration. */
type CommandMeans = {
  allowed: AllowedPrograms;
  /** The environment of aftercommit's own process, of which a program gets a few variables. */
  ownEnvironment: Readonly<Record<string, string | undefined>>;
};

/** One configured command while its task runs, and the programs of its attempts. */
export class CommandTrigger implements Trigger {
  readonly #config: CommandConfig;
  readonly #means: CommandMeans;
  readonly #environment: TriggerEnvironment;
  readonly #name: string;
  /** Programs that have not ended yet, also those that were told to. */
  readonly #running = new Set<ProgramRun>();
  readonly #closed = new AbortController();

  constructor(config: CommandConfig, means: CommandMeans, environment: TriggerEnvironment) {
    this.#config = config;
    this.#means = means;
    this.#environment = environment;
    this.#name = basename(config.program);
  }

  async attempt(attempt: Attempt): Promise<AttemptOutcome> {
    const refusal = await this.#means.allowed.refusalNow(this.#config.program);
    if (refusal !== undefined) return { outcome: 'rejected', reason: refusal };
    // Looked at after the last wait before the program starts.
    if (attempt.signal.aborted || this.#closed.signal.aborted) return this.#givenUp(attempt);
    const run = this.#start(attempt);
    const end = await Promise.race([run.ended, this.#aborted(attempt.signal, run.ended)]);
    if (end === 'aborted') {
      this.#kill(run);
      run.letGo();
      return this.#givenUp(attempt);
    }
    const outcome = await this.#outcome(run, end);
    run.letGo();
    return outcome;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const left = [...this.#running];
    for (const run of left) this.#kill(run);
    await Promise.all(left.map(({ ended }) => ended));
  }

  #start(attempt: Attempt): ProgramRun {
    const { program, args = [], env = {}, cwd } = this.#config;
    const { ownEnvironment } = this.#means;
    const run = new ProgramRun({
      program,
      args,
      env: childEnvironment(env, ownEnvironment, attempt),
      cwd,
      input: Buffer.from(attempt.payload),
    });
    this.#running.add(run);
    void run.ended.then(() => this.#running.delete(run));
    return run;
  }

  /** Resolves when the attempt is aborted or its trigger closed before the program has ended; else never. */
  #aborted(signal: AbortSignal, ended: Promise<ProgramEnd>): Promise<'aborted'> {
    return new Promise((resolve) => {
      const signals = [signal, this.#closed.signal];
      const abort = (): void => resolve('aborted');
      for (const one of signals) one.addEventListener('abort', abort);
      void ended.then(() => {
        for (const one of signals) one.removeEventListener('abort', abort);
      });
    });
  }

  async #outcome(run: ProgramRun, end: ProgramEnd): Promise<AttemptOutcome> {
    if ('startError' in end) return startFailure(this.#config.program, end.startError);
    // What it has left behind then runs on: it said that all is well.
    if (end.code === 0) return { outcome: 'delivered' };
    // What it has left behind must not meet the next attempt.
    this.#kill(run);
    await this.#outputEnded(run);
    const ended = end.code === null ? `was ended by ${end.signal}` : `ended with exit code ${end.code}`;
    const { evidence } = run;
    const reason = `${this.#name} ${ended}${evidence === '' ? '' : `: "${evidence}"`}`;
    const isFinal = end.code !== null && (this.#config.rejectCodes ?? []).includes(end.code);
    return { outcome: isFinal ? 'rejected' : 'retry', reason };
  }

  async #outputEnded(run: ProgramRun): Promise<void> {
    const over = new AbortController();
    await Promise.race([run.outputEnded, this.#environment.clock.sleep(evidencePatienceMs, over.signal)]);
    over.abort();
  }

  #kill(run: ProgramRun): void {
    if (run.kill()) return;
    this.#environment.logger.warn(
      `${this.#name} runs on: this user may not end it. Run it as the user of aftercommit.`,
    );
  }

  #givenUp({ deadlineAt }: Attempt): AttemptOutcome {
    if (this.#closed.signal.aborted)
      return { outcome: 'retry', reason: `${this.#name} was ended: its trigger was closed` };
    const isLate = deadlineAt <= this.#environment.clock.now();
    const why = isLate ? 'it did not end within the timeout' : 'the attempt was aborted';
    return { outcome: 'retry', reason: `${this.#name} was ended: ${why}` };
  }
}
