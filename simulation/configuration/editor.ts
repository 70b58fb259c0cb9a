import type { Sightings } from '../sightings.js';
import type { Chance } from '../world/chance.js';
import { type Configuration, type PlannedTrigger, RunningConfiguration } from './configuration.js';
import { editedConfiguration, firstConfiguration, Numbers } from './edit-configuration.js';

/** The person who writes the configuration, and remembers what it was. */
export class Editor {
  readonly #chance: Chance;
  readonly #sightings: Sightings;
  readonly #numbers = new Numbers();
  readonly #removed: PlannedTrigger[] = [];
  #running: RunningConfiguration;
  #before: Configuration | undefined;

  /** @param adjust Makes of the first configuration what the story is about. */
  constructor(chance: Chance, sightings: Sightings, adjust: (first: Configuration) => Configuration) {
    this.#chance = chance;
    this.#sightings = sightings;
    const desk = { chance: chance.fork('first configuration'), numbers: this.#numbers };
    this.#running = new RunningConfiguration(adjust(firstConfiguration(desk)));
  }

  /** With which the task was reconciled last, or will be. */
  get running(): RunningConfiguration {
    return this.#running;
  }

  /** Changes something, or takes the last change back. */
  edit(): void {
    const { configuration } = this.#running;
    const isBack = this.#before !== undefined && this.#chance.happens(0.2);
    const desk = { chance: this.#chance, numbers: this.#numbers };
    const { configuration: next, edits } =
      isBack && this.#before
        ? { configuration: this.#before, edits: ['taken back' as const] }
        : editedConfiguration(this.#running, this.#removed, desk);
    for (const edit of edits) this.#sightings.saw(`edit: ${edit}`);
    if (edits.length > 1) this.#sightings.saw('edit: two at once');
    const remaining = new Set(next.triggers.map(({ id }) => id));
    this.#removed.push(...configuration.triggers.filter(({ id }) => !remaining.has(id)));
    this.#before = configuration;
    this.#running = new RunningConfiguration(next);
  }
}
