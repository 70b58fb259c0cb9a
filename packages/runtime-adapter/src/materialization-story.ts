import { failedEvent } from './failed-event.js';
import type { MaterializationEnd, MaterializationOptions } from './materialization-options.js';
import type { ObserveSession } from './session-event.js';
import { systemClock } from './system-environment.js';

type WhatIsLeft = Omit<MaterializationEnd, 'isComplete'>;

const nothingLeft: WhatIsLeft = { waiting: {}, parked: {}, stuck: [] };

/** What happens to a materialization, as it is told; also when there never was a session that could tell it. */
export class MaterializationStory {
  readonly #options: MaterializationOptions;
  #left: WhatIsLeft = nothingLeft;

  constructor(options: MaterializationOptions) {
    this.#options = options;
  }

  /** What the session left for the next one, once it has ended. */
  get left(): WhatIsLeft {
    return this.#left;
  }

  readonly tell: ObserveSession = (event, outboxes) => {
    if (event.event === 'ended') this.#left = { waiting: event.waiting, parked: event.parked, stuck: event.stuck };
    this.#options.observe?.(event, outboxes);
  };

  async tellFailedOpening(error: unknown): Promise<void> {
    const { materialization, environment, triggers } = this.#options;
    const at = new Date((environment?.clock ?? systemClock).now()).toISOString();
    this.tell({ ...failedEvent(error, triggers), at, materialization }, () => []);
    this.tell({ event: 'ended', at, materialization, ...nothingLeft }, () => []);
  }
}
