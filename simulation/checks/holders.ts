import type { Scheduler } from '../world/scheduler.js';
import type { Session } from './session.js';
import { assertThat } from './violation.js';

/** How a session may have ended that had read a 2xx and could not note it (I7). */
const excusingCodes = new Set([
  'STORE_FENCED',
  'STORE_OUTCOME_UNKNOWN',
  'STORE_UNAVAILABLE',
  'STORE_LOCKED',
  'STORE_CLOSED',
]);

/** Which session has the task, from the openings that became durable: I6. */
export class Holders {
  readonly #scheduler: Scheduler;
  /** By the tokens under which they open the task. */
  readonly #sessions = new Map<string, Session>();
  #owner = '';
  #lastOpened: Session | undefined;
  /** Sessions that had ended by themselves before another one took the task over. */
  readonly #endedBefore = new Set<Session>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** A session is about to open the task under this token. */
  noteOwner(owner: string, session: Session): void {
    session.owner = owner;
    session.openedAtMs = this.#scheduler.nowMs;
    for (const { name, inFlight } of session.after) {
      const what = (): string => `${session.name} opens the task while ${inFlight} attempts of ${name} are in flight`;
      assertThat(inFlight === 0, 'I7', what);
    }
    // It opens the task a second time when the endpoint has seen a later session than the store.
    session.hasReconciled = false;
    this.#sessions.set(owner, session);
  }

  opened(owner: string): void {
    this.#owner = owner;
    const last = this.#lastOpened;
    const isExcused = last?.hasLostWrite === true || excusingCodes.has(last?.end?.code ?? '');
    if (last?.end !== undefined && !isExcused) this.#endedBefore.add(last);
    this.#lastOpened = this.current;
  }

  openingLost(before: string): void {
    const session = this.current;
    if (session !== undefined) session.hasLostOpening = true;
    this.#owner = before;
    // It may have been fenced, and told so, while another one had the task.
    const holder = this.current;
    if (holder !== undefined) holder.hasLostOpening = true;
  }

  /** The session whose opening was the last. Undefined: there was none. */
  get current(): Session | undefined {
    return this.#sessions.get(this.#owner);
  }

  /** I6: the session that writes under this token has the task under it. */
  writing(owner: string): Session {
    const session = this.#sessions.get(owner);
    assertThat(owner === this.#owner && session !== undefined, 'I6', () => 'a fenced session has written');
    return session;
  }

  /** Whether it had ended in order before another one took the task over: it has noted all that it read. */
  hadEnded(session: Session): boolean {
    return this.#endedBefore.has(session);
  }
}
