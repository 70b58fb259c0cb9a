import type { Attempt, AttemptOutcome } from '@aftercommit/registry';
import type { Sightings } from '../sightings.js';
import type { Chance } from './chance.js';
import type { ProcessClock } from './process-clock.js';
import type { Scheduler } from './scheduler.js';

/** Told of every attempt, from outside. */
export interface AttemptWitness {
  /** A session begins an attempt: from now on the receiver may get it. */
  began(session: ProcessClock, attempt: Attempt): void;
  /** The receiver has taken it. */
  accepted(attempt: Attempt): void;
  /** The session has read how it went. */
  read(session: ProcessClock, attempt: Attempt, outcome: AttemptOutcome): void;
  /** The session waits for it no more. */
  ended(session: ProcessClock): void;
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
  readonly #sightings: Sightings;
  readonly #weather = new Map<string, { is: Weather; untilMs: number }>();
  /** How bad the weather is: how probable it is that it is not fair. */
  #roughness: number;
  #isOutage: boolean;

  constructor(
    { scheduler, sightings }: { scheduler: Scheduler; sightings: Sightings },
    chance: Chance,
    witness: AttemptWitness,
    { roughness, isOutage }: { roughness: number; isOutage: boolean },
  ) {
    this.#scheduler = scheduler;
    this.#sightings = sightings;
    this.#chance = chance;
    this.#witness = witness;
    this.#roughness = roughness;
    this.#isOutage = isOutage;
  }

  /** Good weather everywhere, from now on. */
  clearUp(): void {
    this.#roughness = 0;
    this.#isOutage = false;
    this.#weather.clear();
  }

  /** One attempt at a target. `said` is what the receiver says with every refusal. */
  async attempt(session: ProcessClock, target: string, said: string, attempt: Attempt): Promise<AttemptOutcome> {
    this.#witness.began(session, attempt);
    const fortune = this.#chance.pick(fortunes[this.#weatherAt(target)]);
    this.#sightings.saw(`receiver: ${fortune}`);
    const answered = session.process.ask<AttemptOutcome>({
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
      if (!attempt.signal.aborted) this.#witness.read(session, attempt, outcome);
      return outcome;
    });
    try {
      return await Promise.race([read, aborted]);
    } finally {
      this.#witness.ended(session);
    }
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
    if (this.#isOutage) return 'down';
    const { nowMs } = this.#scheduler;
    const known = this.#weather.get(target);
    if (known !== undefined && nowMs < known.untilMs) return known.is;
    const is = this.#chance.happens(this.#roughness)
      ? this.#chance.pick<Weather>(['mixed', 'mixed', 'down', 'refusing', 'silent'])
      : 'fair';
    this.#weather.set(target, { is, untilMs: nowMs + this.#chance.durationMs(8_000) });
    return is;
  }
}
