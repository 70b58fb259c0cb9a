import type { Random } from '@aftercommit/registry';

/** Everything that is left to chance in a story: the same for every run with the same seed. */
export class Chance implements Random {
  readonly #label: string;
  #state: number;

  /** @param label What it is for: streams with different labels are independent, so that one more draw here moves nothing there. */
  constructor(label: string) {
    this.#label = label;
    this.#state = hashed(label);
  }

  /** A stream of its own. */
  fork(label: string): Chance {
    return new Chance(`${this.#label}/${label}`);
  }

  /** At least 0 and below 1. The generator is mulberry32: small, fast, and good enough to choose faults. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  id(): string {
    return Array.from({ length: 4 }, () =>
      Math.floor(this.fraction() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
  }

  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number, at least `from` and at most `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.fraction() * items.length)] ?? items[0];
  }

  /** As `pick`, of a list that may be empty. */
  pickAny<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.fraction() * items.length)];
  }

  /** Mostly short, sometimes long, in milliseconds: half of all are below the median, one in sixteen above eight times it. */
  durationMs(medianMs: number): number {
    return medianMs * 2 ** (this.fraction() * 5 - this.fraction() * 3 - 1);
  }
}

function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // Labels that differ in their last character alone would begin alike.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
