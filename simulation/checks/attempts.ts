import type { Attempt } from '@aftercommit/registry';
import type { Payload } from '../configuration/configuration.js';
import type { Sightings } from '../sightings.js';
import type { Scheduler } from '../world/scheduler.js';
import type { VisibleDocuments } from '../world/simulated-endpoint.js';
import type { WallClock } from '../world/wall-clock.js';
import type { Commits } from './commits.js';
import type { Deliveries, Delivery } from './deliveries.js';
import type { Holders } from './holders.js';
import type { Held, LedgerOutbox } from './ledger-outbox.js';
import type { OutboxLedger } from './outbox-ledger.js';
import { checkTurn } from './rounds.js';
import type { Session } from './session.js';
import { assertThat, Violation } from './violation.js';

/** What attempts are held against. */
type Evidence = {
  commits: Commits;
  deliveries: Deliveries;
  holders: Holders;
  ledger: OutboxLedger;
  visible: VisibleDocuments;
  scheduler: Scheduler;
  wall: WallClock;
  sightings: Sightings;
};

/** Every attempt, as the network sees it begin: I2, I4, I5, I7, and the part of I1 that can be seen there. */
export class Attempts {
  readonly #evidence: Evidence;
  /** By outbox: the run id that was last attempted for the first time. */
  readonly #latest = new Map<string, string>();
  /** By session and outbox: attempts that were begun after the session had lost the task. */
  readonly #late = new Map<string, number>();

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  noteBegun(attempt: Attempt, session: Session): void {
    const { deliveries, holders, sightings } = this.#evidence;
    sightings.saw('attempt');
    const { payload, variables } = attempt;
    const said = JSON.parse(payload) as Payload;
    const isItsOwn = said.run === variables.run_id && said.docs === variables.docs_total;
    assertThat(isItsOwn, 'I4', () => `the payload of ${variables.run_id} is another's`);
    const { delivery, isNew } = deliveries.noteBegun(attempt, session);
    if (delivery.isAccepted) sightings.saw('attempt at what was accepted');
    if (holders.current === session) this.#checkInPlace(attempt, said, session, isNew);
    else this.#checkLate(said, session);
    this.#checkRepetition(attempt, delivery, session);
  }

  /** An attempt of the session that has the task. */
  #checkInPlace(attempt: Attempt, said: Payload, session: Session, isNew: boolean): void {
    const { idempotencyKey, variables } = attempt;
    const { held, outbox, isFirst } = this.#waiting(idempotencyKey);
    const isSame = held.docs === variables.docs_total;
    assertThat(isSame, 'I4', () => `${idempotencyKey} is attempted with other variables`);
    assertThat(isFirst, 'I5', () => `${idempotencyKey} is attempted before older ones of "${outbox.name}"`);
    const trigger = session.configuration.withMarker(said.marker);
    assertThat(
      trigger !== undefined && trigger.name === outbox.name,
      'I1',
      () => `"${trigger?.name}" attempts what is in outbox "${outbox.name}"`,
    );
    for (const runId of held.members) this.#checkMember(runId, trigger.id, idempotencyKey);
    checkTurn(attempt, outbox, trigger.maxAttempts, this.#evidence);
    if (isNew && !held.wasReplayed) this.#checkOrder(held, outbox);
  }

  /** I2, I3, I7: it was committed, and is neither delivered nor parked. */
  #waiting(idempotencyKey: string): { held: Held; outbox: LedgerOutbox; isFirst: boolean } {
    const { ledger } = this.#evidence;
    const waiting = ledger.waiting(idempotencyKey);
    if (waiting !== undefined) return waiting;
    const wasCleared = ledger.wasCleared(idempotencyKey);
    assertThat(!wasCleared, 'I7', () => `${idempotencyKey} was cleared, and attempted again`);
    assertThat(!ledger.isParked(idempotencyKey), 'I3', () => `${idempotencyKey} is parked, and attempted`);
    throw new Violation('I2', `${idempotencyKey} is attempted, and was not committed`);
  }

  /** I1, I2, I4: a commit that an attempt is about is visible, and for this trigger, under this key alone. */
  #checkMember(runId: string, triggerId: string, idempotencyKey: string): void {
    const { commits, deliveries, visible } = this.#evidence;
    const commit = commits.of(runId);
    assertThat(commit !== undefined, 'I2', () => `${runId} is attempted, and was not committed`);
    const isVisible = commit.documents.every((number) => visible.has(number));
    assertThat(isVisible, 'I2', () => `${runId} is attempted, and not visible in the endpoint`);
    const isForIt = commit.configuredFor.has(triggerId);
    assertThat(isForIt, 'I1', () => `${runId} goes to ${triggerId}, whose it never was`);
    deliveries.noteKey(idempotencyKey, triggerId, runId);
  }

  /** I5: first attempts are in commit order. */
  #checkOrder({ runId }: Held, { id }: LedgerOutbox): void {
    const latest = this.#latest.get(id) ?? '';
    assertThat(runId > latest, 'I5', () => `${runId} is first attempted after ${latest}`);
    this.#latest.set(id, runId);
  }

  /** A zombie: a write that fails lies between any two attempts of a lane. */
  #checkLate({ marker }: Payload, session: Session): void {
    this.#evidence.sightings.saw('attempt of a zombie');
    const lane = `${session.name} ${marker}`;
    const count = (this.#late.get(lane) ?? 0) + 1;
    this.#late.set(lane, count);
    assertThat(count <= 1, 'I5', () => `${lane} has begun ${count} attempts after it was fenced`);
  }

  /** I7: nobody repeats what he knows was accepted, or what one before him knew and had the time to note. */
  #checkRepetition({ idempotencyKey: key }: Attempt, { readBy }: Delivery, session: Session): void {
    const { holders } = this.#evidence;
    assertThat(!readBy.has(session), 'I7', () => `${key} is attempted again by the session that read its 2xx`);
    if (holders.current !== session) return;
    for (const reader of readBy) {
      const what = (): string => `${key} is attempted again, though the session that read its 2xx ended in order`;
      assertThat(!holders.hadEnded(reader), 'I7', what);
    }
  }
}
