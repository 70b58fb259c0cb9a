import type { Attempt, AttemptOutcome } from '@aftercommit/registry';
import type { Chance } from './chance.js';
import type { Scheduler } from './scheduler.js';
import type { SimulatedProcess } from './simulated-process.js';

/** Told of every attempt, from outside. */
export interface AttemptWitness {
  /** A process begins an attempt: from now on the receiver may get it. */
  began(process: SimulatedProcess, attempt: Attempt): void;
  /** The receiver has taken it. */
  accepted(attempt: Attempt): void;
  /** The process has read that the receiver has taken it. */
  acceptanceRead(process: SimulatedProcess, attempt: Attempt): void;
}

/** How receivers are for a while. */
type Weather = 'fair' | 'mixed' | 'down' | 'refusing' | 'silent';

/** What becomes of one attempt. */
type Fortune =
  | 'accepted'
  | 'lost request'
  | 'lost reply'
  | 'unavailable'
  | 'come back later'
  | 'rejected'
  | 'no answer';

const fortunes: Record<Weather, readonly [Fortune, ...Fortune[]]> = {
  fair: ['accepted'],
  mixed: ['accepted', 'accepted', 'accepted', 'lost reply', 'lost request', 'unavailable', 'no answer'],
  down: ['lost request', 'unavailable', 'unavailable', 'come back later'],
  refusing: ['rejected', 'rejected', 'unavailable'],
  silent: ['no answer', 'lost reply'],
};

/** Receivers and the way to them. Each target has weather of its own, which changes. */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #witness: AttemptWitness;
  readonly #weather = new Map<string, { is: Weather; untilMs: number }>();
  /** How bad the weather is: how probable it is that it is not fair. */
  roughness: number;

  constructor(scheduler: Scheduler, chance: Chance, witness: AttemptWitness, roughness: number) {
    this.#scheduler = scheduler;
    this.#chance = chance;
    this.#witness = witness;
    this.roughness = roughness;
  }

  /** Good weather everywhere, from now on. */
  clearUp(): void {
    this.roughness = 0;
    this.#weather.clear();
  }

  /** One attempt at a target. `said` is what the receiver says with every refusal. */
  attempt(process: SimulatedProcess, target: string, said: string, attempt: Attempt): Promise<AttemptOutcome> {
    this.#witness.began(process, attempt);
    const fortune = this.#chance.pick(fortunes[this.#weatherAt(target)]);
    const answered = process.ask<AttemptOutcome>({
      thereMs: this.#chance.durationMs(20),
      backMs: this.#chance.durationMs(10),
      canOutlive: true,
      effect: () => this.#receive(fortune, said, attempt),
    });
    const aborted = new Promise<AttemptOutcome>((resolve) => {
      attempt.signal.addEventListener('abort', () => resolve({ outcome: 'retry', reason: `given up: ${said}` }), {
        once: true,
      });
    });
    const read = answered.then((outcome) => {
      if (outcome.outcome === 'delivered' && !attempt.signal.aborted) this.#witness.acceptanceRead(process, attempt);
      return outcome;
    });
    return Promise.race([read, aborted]);
  }

  #receive(fortune: Fortune, said: string, attempt: Attempt): AttemptOutcome | Promise<AttemptOutcome> {
    if (fortune === 'accepted' || fortune === 'lost reply') this.#witness.accepted(attempt);
    switch (fortune) {
      case 'accepted':
        return { outcome: 'delivered' };
      case 'no answer':
        return new Promise(() => undefined);
      case 'lost reply':
      case 'lost request':
        throw new Error(`connection reset: ${said}`);
      case 'unavailable':
        return { outcome: 'retry', reason: `HTTP 503: ${said}` };
      case 'come back later': {
        const retryAfterMs = this.#chance.pick([1_000, 3_000, 20_000, 120_000]);
        return { outcome: 'retry', reason: `HTTP 429: ${said}`, retryAfterMs };
      }
      case 'rejected':
        return { outcome: 'rejected', reason: `HTTP 400: ${said}` };
    }
  }

  #weatherAt(target: string): Weather {
    const { nowMs } = this.#scheduler;
    const known = this.#weather.get(target);
    if (known !== undefined && nowMs < known.untilMs) return known.is;
    const is = this.#chance.happens(this.roughness)
      ? this.#chance.pick<Weather>(['mixed', 'mixed', 'down', 'refusing', 'silent'])
      : 'fair';
    this.#weather.set(target, { is, untilMs: nowMs + this.#chance.durationMs(8_000) });
    return is;
  }
}
