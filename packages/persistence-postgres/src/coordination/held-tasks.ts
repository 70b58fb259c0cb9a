import type { Claim, EndedClaim } from './claim-rows.js';
import type { CoordinatorOptions, RunEnd, StopReason } from './coordinator.js';

type Held = Claim & { readonly worker: number; readonly stop: AbortController; end: RunEnd | undefined };

/** A task that ended here, and why. */
export type EndedTask = EndedClaim & { why: StopReason | 'failed' };

/** The tasks that run here, and those that ended and are not released yet. */
export class HeldTasks {
  readonly #run: CoordinatorOptions['run'];
  readonly #onEnd: () => void;
  /** In the order in which they were claimed. */
  readonly #held = new Map<string, Held>();

  /** @param onEnd One has ended, and is to be released. */
  constructor(run: CoordinatorOptions['run'], onEnd: () => void) {
    this.#run = run;
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#held.size;
  }

  get running(): number {
    return [...this.#held.values()].filter(({ end }) => end === undefined).length;
  }

  has(task: string): boolean {
    return this.#held.has(task);
  }

  /** Also those that are stopping: each keeps its place until it is released. */
  countOf(tasks: ReadonlySet<string>): number {
    let count = 0;
    for (const task of this.#held.keys()) if (tasks.has(task)) count += 1;
    return count;
  }

  start(claim: Claim, worker: number): void {
    const held: Held = { ...claim, worker, stop: new AbortController(), end: undefined };
    this.#held.set(claim.task, held);
    void this.#run({ task: claim.task, stop: held.stop.signal }).then((end) => {
      held.end = end;
      this.#onEnd();
    });
  }

  /** @returns Those that were not stopping before. */
  stop(why: StopReason, isMeant: (task: string) => boolean = () => true): string[] {
    const meant = [...this.#held.values()].filter(({ task, stop }) => !stop.signal.aborted && isMeant(task));
    for (const { stop } of meant) stop.abort(why);
    return meant.map(({ task }) => task);
  }

  /** Stops so many of these tasks that as many as wanted stay: those that came last have the least to lose. */
  reduce(tasks: ReadonlySet<string>, wanted: number): void {
    const going = [...this.#held.values()].filter(({ task, stop }) => tasks.has(task) && !stop.signal.aborted);
    for (const { stop } of going.slice(wanted)) stop.abort('handed-over' satisfies StopReason);
  }

  get ended(): EndedTask[] {
    return [...this.#held.values()].flatMap(({ stop, end, ...claim }) => {
      if (end === undefined) return [];
      const failure = failureOf(end, stop.signal.aborted);
      return [{ ...claim, failure, why: failure === undefined ? (stop.signal.reason as StopReason) : 'failed' }];
    });
  }

  forget(ended: readonly EndedTask[]): void {
    for (const { task } of ended) this.#held.delete(task);
  }
}

function failureOf(end: RunEnd, isStopped: boolean): string | undefined {
  if (end.ended === 'failed') return end.reason;
  return isStopped ? undefined : 'it ended, and nobody had asked it to';
}
