import type { Chance } from './chance.js';
import type { Scheduler } from './scheduler.js';

/** Something outside that a process asks: how long it takes there and back, in milliseconds, and what it does there. */
export type Question<Answer> = {
  thereMs: number;
  backMs: number;
  /** Whether it can still reach its destination when the process that sent it is dead. */
  canOutlive: boolean;
  effect: () => Answer | Promise<Answer>;
};

/**
 * A process that can stand still and die. It meets the outside only here: what it asked for has its effect all the same,
 * but a process that stands still hears of it when it goes on, and a dead one never.
 */
export class SimulatedProcess {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  #state: 'running' | 'frozen' | 'killed' = 'running';
  /** What reached it while it stood still. */
  #heldBack: Array<() => void> = [];
  #steps = 0;
  #fate: { afterSteps: number; happen: () => void } | undefined;

  constructor(name: string, scheduler: Scheduler, chance: Chance) {
    this.name = name;
    this.scheduler = scheduler;
    this.chance = chance;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get isFrozen(): boolean {
    return this.#state === 'frozen';
  }

  get isKilled(): boolean {
    return this.#state === 'killed';
  }

  /** SIGKILL: whatever it waits for never comes. */
  kill(): void {
    this.#state = 'killed';
    this.#heldBack = [];
  }

  /** SIGSTOP. */
  freeze(): void {
    if (this.isRunning) this.#state = 'frozen';
  }

  /** SIGCONT: what has reached it meanwhile happens now, in order. */
  thaw(): void {
    if (!this.isFrozen) return;
    this.#state = 'running';
    for (const happen of this.#heldBack.splice(0)) this.scheduler.after(0, () => this.reach(happen));
  }

  /** Something happens to it just before so many things from outside have reached it. */
  meetFate(afterSteps: number, happen: () => void): void {
    this.#fate = { afterSteps: this.#steps + afterSteps, happen };
  }

  /** Something from outside reaches the process: at once, when it goes on, or never. */
  reach(happen: () => void): void {
    if (this.isRunning) {
      this.#steps += 1;
      if (this.#fate !== undefined && this.#steps >= this.#fate.afterSteps) {
        const fate = this.#fate;
        this.#fate = undefined;
        fate.happen();
      }
    }
    if (this.isRunning) happen();
    else if (this.isFrozen) this.#heldBack.push(happen);
  }

  /** Asks something outside, and waits for the answer. */
  ask<Answer>({ thereMs, backMs, canOutlive, effect }: Question<Answer>): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.scheduler.after(thereMs, () => {
        if (this.isKilled && !(canOutlive && this.chance.happens(0.5))) return;
        const answer = (settle: () => void): void => void this.scheduler.after(backMs, () => this.reach(settle));
        void (async () => effect())().then(
          (value) => answer(() => resolve(value)),
          (error: unknown) => answer(() => reject(error)),
        );
      });
    });
  }

  /** Sleeps, or is woken by the signal. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (durationMs <= 0 || signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        callOff();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const callOff = this.scheduler.after(durationMs, () => this.reach(wake));
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
