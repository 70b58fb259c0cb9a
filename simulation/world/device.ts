import type { Sightings } from '../sightings.js';
import type { Chance } from './chance.js';

/**
 * A file that is only appended to, on a disk that keeps what was synced and nothing else for certain: when the power is
 * cut, each piece that was not synced may be there, torn, or missing, whatever became of those before and after it.
 */
export class Device {
  #synced = '';
  #unsynced: string[] = [];
  readonly #sightings: Sightings;

  constructor(sightings: Sightings) {
    this.#sightings = sightings;
  }

  append(piece: string): void {
    this.#unsynced.push(piece);
  }

  sync(): void {
    this.#synced += this.#unsynced.join('');
    this.#unsynced = [];
  }

  /** What a process reads: also what was not synced, as long as the power is on. */
  read(): string {
    return this.#synced + this.#unsynced.join('');
  }

  /** Cuts the file off, durably. */
  truncate(length: number): void {
    this.#synced = this.read().slice(0, length);
    this.#unsynced = [];
  }

  cutPower(chance: Chance): void {
    this.#synced += this.#unsynced.map((piece) => this.#survivor(piece, chance)).join('');
    this.#unsynced = [];
  }

  #survivor(piece: string, chance: Chance): string {
    const kept = chance.pick(['all', 'none', 'part', 'zeros']);
    if (kept === 'none') {
      this.#sightings.saw('piece lost by a power cut');
      return '';
    }
    this.#sightings.saw(kept === 'all' ? 'piece kept whole by a power cut' : 'piece torn by a power cut');
    if (kept === 'part') return piece.slice(0, chance.between(0, piece.length - 1));
    return kept === 'zeros' ? '\0'.repeat(piece.length) : piece;
  }
}
