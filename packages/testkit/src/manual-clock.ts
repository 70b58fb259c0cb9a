import type { Clock } from '@aftercommit/registry';

/** Somebody who sleeps on a `ManualClock`. */
export type Sleeper = {
  /** What was asked for, in milliseconds. */
  durationMs: number;
  /** How far the clock must be advanced to wake it, in milliseconds. */
  wakesInMs: number;
};

/**
 * A clock that stands still until a test moves it. Nothing waits for real time: `advance` wakes the sleepers that are
 * due, each at its own moment, and lets what follows from it happen before time moves on.
 */
export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  #sleeping: SleepEntry[] = [];
  #unreported: SleepEntry[] = [];
  #waitingForSleep: Array<(sleeper: Sleeper) => void> = [];

  /**
   * Stands still until it is advanced.
   *
   * @param startsAt The wall clock at the start, in milliseconds since the Unix epoch. Default: 2024-01-01.
   */
  constructor(startsAt: number = Date.UTC(2024, 0, 1)) {
    this.#wallMs = startsAt;
  }

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => this.#end(entry);
      const wake = (): void => {
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const entry: SleepEntry = { durationMs, wakesAtMonotonic: this.#monotonicMs + Math.max(0, durationMs), wake };
      signal?.addEventListener('abort', end, { once: true });
      this.#sleeping.push(entry);
      this.#report(entry);
    });
  }

  /** Everybody who sleeps, who wakes first in front; of equal ones who went to sleep first. */
  get sleepers(): Sleeper[] {
    return this.#inWakingOrder().map((entry) => this.#describe(entry));
  }

  /**
   * Resolves with the next sleep that no `nextSleep` has reported yet: at once when somebody fell asleep since and is
   * still asleep, else when somebody does. So it cannot miss a sleep that began a moment too early.
   */
  nextSleep(): Promise<Sleeper> {
    const [entry, ...later] = this.#unreported;
    this.#unreported = later;
    if (entry !== undefined) return Promise.resolve(this.#describe(entry));
    return new Promise((resolve) => this.#waitingForSleep.push(resolve));
  }

  /**
   * Moves both clocks forward and wakes who is due on the way, in order. Resolves when everything that followed and
   * needed no more than promises has happened; work that waits for the network or a disk may still be under way.
   *
   * @param durationMs In milliseconds, 0 or more; 0 wakes who is due now.
   */
  async advance(durationMs: number): Promise<void> {
    if (!(durationMs >= 0)) throw new RangeError(`A clock advances by 0 ms or more, not by ${durationMs}. Use step().`);
    const target = this.#monotonicMs + durationMs;
    await letPromisesRun();
    for (let due = this.#nextDue(target); due !== undefined; due = this.#nextDue(target)) {
      this.#moveTo(due.wakesAtMonotonic);
      this.#end(due);
      await letPromisesRun();
    }
    this.#moveTo(target);
  }

  /** Sets the wall clock forward, or back when negative, as an operator or NTP does. Nobody wakes. In milliseconds. */
  step(durationMs: number): void {
    this.#wallMs += durationMs;
  }

  #moveTo(monotonicMs: number): void {
    const passedMs = Math.max(0, monotonicMs - this.#monotonicMs);
    this.#monotonicMs += passedMs;
    this.#wallMs += passedMs;
  }

  #nextDue(monotonicMs: number): SleepEntry | undefined {
    return this.#inWakingOrder().find((entry) => entry.wakesAtMonotonic <= monotonicMs);
  }

  #inWakingOrder(): SleepEntry[] {
    return [...this.#sleeping].sort((left, right) => left.wakesAtMonotonic - right.wakesAtMonotonic);
  }

  #end(entry: SleepEntry): void {
    this.#sleeping = this.#sleeping.filter((other) => other !== entry);
    this.#unreported = this.#unreported.filter((other) => other !== entry);
    entry.wake();
  }

  #report(entry: SleepEntry): void {
    const resolve = this.#waitingForSleep.shift();
    if (resolve === undefined) this.#unreported.push(entry);
    else resolve(this.#describe(entry));
  }

  #describe(entry: SleepEntry): Sleeper {
    return { durationMs: entry.durationMs, wakesInMs: entry.wakesAtMonotonic - this.#monotonicMs };
  }
}

type SleepEntry = { durationMs: number; wakesAtMonotonic: number; wake: () => void };

/** Turns of the event loop between two wakings: code that gathers the work of one turn needs more than one. */
const turnsBetweenWakings = 4;

async function letPromisesRun(): Promise<void> {
  for (let turn = 0; turn < turnsBetweenWakings; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
