import type { OutboxStanding } from '@aftercommit/delivery';
import type { Lanes } from '@aftercommit/delivery/commit-loop';
import type { Clock } from '@aftercommit/registry';
import type { ObserveSession, SessionEvent } from './session-event.js';
import type { TriggerSessionOptions } from './session-options.js';

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at' | 'materialization'> : never;

/** What happens in a session, told to whoever observes it. Without an observer nothing is made of it. */
export class SessionStory {
  readonly #materialization: string;
  readonly #observe: ObserveSession | undefined;
  readonly #clock: Clock;
  #lanes: Lanes | undefined;

  constructor({ materialization, observe }: TriggerSessionOptions, clock: Clock) {
    this.#materialization = materialization;
    this.#observe = observe;
    this.#clock = clock;
  }

  /** The lanes are open: from now on it is known how the outboxes stand. */
  begin(lanes: Lanes): void {
    this.#lanes = lanes;
  }

  readonly tell = (event: Untimed<SessionEvent>): void => {
    if (this.#observe === undefined) return;
    const at = new Date(this.#clock.now()).toISOString();
    this.#observe({ ...event, at, materialization: this.#materialization } as SessionEvent, this.#outboxes);
  };

  readonly #outboxes = (): OutboxStanding[] => this.#lanes?.standings ?? [];
}
