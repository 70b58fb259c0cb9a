import type { CoordinationClock, Coordinator, CoordinatorOptions, RunEnd, StopReason } from './coordinator.js';
import { backoffMs, failureBackoff } from './failure-backoff.js';
import { type Ordinal, ordinalTasks } from './ordinal-tasks.js';

/** Which tasks are those of this process: these, if they are offered, or those that fall to it by its number. */
export type StaticShare =
  | {
      /** Their names. One that is never offered is never run. */
      readonly tasks: readonly string[];
    }
  | Ordinal;

type Running = { readonly stop: AbortController; readonly ended: Promise<void> };

/**
 * A coordinator that asks nobody: each process knows from the start which tasks are its own. For hosts that an orchestrator
 * keeps alive and numbers, such as a StatefulSet. While one of them is down, nobody runs its tasks.
 */
export class StaticCoordinator implements Coordinator {
  readonly #share: StaticShare;
  readonly #options: CoordinatorOptions;
  readonly #running = new Map<string, Running>();
  #offered: ReadonlySet<string> = new Set();
  #isClosing = false;

  /** @throws RangeError when the ordinal is none of 0 … of − 1. */
  constructor(share: StaticShare, options: CoordinatorOptions) {
    if ('of' in share) assertOrdinal(share);
    this.#share = share;
    this.#options = options;
    const worker = 'of' in share ? `${share.ordinal}/${share.of}` : 'static';
    options.observe?.({ event: 'joined', worker });
  }

  async offer(tasks: readonly string[]): Promise<void> {
    if (this.#isClosing) return;
    const own = new Set(this.#ownOf(tasks));
    for (const [task, { stop }] of this.#running) if (!own.has(task)) stop.abort('withdrawn' satisfies StopReason);
    for (const task of own) {
      const running = this.#running.get(task);
      if (running === undefined) this.#start(task);
      // It was withdrawn a moment ago: the next run begins when this one has ended.
      else if (running.stop.signal.aborted) void running.ended.then(() => this.#startAgain(task));
    }
    this.#offered = own;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const { stop } of this.#running.values()) stop.abort('closing' satisfies StopReason);
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #ownOf(tasks: readonly string[]): readonly string[] {
    if ('of' in this.#share) return ordinalTasks(tasks, this.#share);
    const own = new Set(this.#share.tasks);
    return tasks.filter((task) => own.has(task));
  }

  #startAgain(task: string): void {
    if (!this.#isClosing && this.#offered.has(task) && !this.#running.has(task)) this.#start(task);
  }

  #start(task: string): void {
    const stop = new AbortController();
    const ended = this.#runAgainAndAgain(task, stop.signal).then(() => void this.#running.delete(task));
    this.#running.set(task, { stop, ended });
  }

  async #runAgainAndAgain(task: string, stop: AbortSignal): Promise<void> {
    const { run, observe, clock } = this.#options;
    let failures = 0;
    while (!stop.aborted) {
      observe?.({ event: 'claimed', task, failures });
      const { end, durationMs } = await timed(clock, () => run({ task, stop }));
      failures = failuresAfter(end, failures, durationMs, stop.aborted);
      const why = end.ended === 'failed' || !stop.aborted ? 'failed' : (stop.reason as StopReason);
      const retryInMs = failures === 0 ? 0 : backoffMs(failures);
      observe?.({ event: 'released', task, why, retryInMs });
      await clock.sleep(retryInMs, stop);
    }
  }
}

function failuresAfter(end: RunEnd, before: number, durationMs: number, isStopped: boolean): number {
  if (end.ended === 'stopped' && isStopped) return 0;
  return (durationMs >= failureBackoff.ranWellMs ? 0 : before) + 1;
}

async function timed(
  clock: CoordinationClock,
  run: () => Promise<RunEnd>,
): Promise<{ end: RunEnd; durationMs: number }> {
  const startedAt = clock.monotonic();
  const end = await run();
  return { end, durationMs: clock.monotonic() - startedAt };
}

function assertOrdinal({ ordinal, of }: Ordinal): void {
  if (Number.isSafeInteger(ordinal) && Number.isSafeInteger(of) && ordinal >= 0 && ordinal < of) return;
  throw new RangeError(`${ordinal}/${of} is no ordinal: the first of 5 processes is 0/5, and the last one 4/5.`);
}
