import type { Attempt, AttemptOutcome } from '@aftercommit/registry';
import type { Payload } from '../configuration/configuration.js';
import type { Sightings } from '../sightings.js';
import type { Scheduler } from '../world/scheduler.js';
import type { VisibleDocuments } from '../world/simulated-endpoint.js';
import type { WallClock } from '../world/wall-clock.js';
import type { Commits } from './commits.js';
import type { LedgerOutbox, OutboxLedger } from './outbox-ledger.js';
import type { Session } from './session.js';
import { assertThat } from './violation.js';

/** What is known of one delivery, by its key. */
type Delivery = {
  runId: string;
  docs: number;
  bytes: number;
  attempts: number;
  isAccepted: boolean;
  /** The sessions that read that it was accepted. */
  readBy: Set<Session>;
  /** How the last attempt of each session ended, if it has read that. */
  lastRead: Map<Session, AttemptOutcome>;
};

/** How a session may have ended that had read a 2xx and could not note it (I7). */
const excusingCodes = new Set([
  'STORE_FENCED',
  'STORE_OUTCOME_UNKNOWN',
  'STORE_UNAVAILABLE',
  'STORE_LOCKED',
  'STORE_CLOSED',
]);

/** Every attempt, as receivers and the network see it: I2, I4, I5 and I7. */
export class Attempts {
  readonly #commits: Commits;
  readonly #visible: VisibleDocuments;
  readonly #scheduler: Scheduler;
  readonly #wall: WallClock;
  readonly #sightings: Sightings;
  readonly #deliveries = new Map<string, Delivery>();
  /** By trigger and run id: the one key under which that commit may come. */
  readonly #keyOf = new Map<string, string>();
  /** By outbox: the run id that was last attempted for the first time. */
  readonly #latest = new Map<string, string>();
  /** By session and outbox: attempts that were begun after the session had lost the task. */
  readonly #late = new Map<string, number>();
  /** Sessions that had ended by themselves before another one took the task over. */
  readonly #endedBefore = new Set<Session>();
  #lastHolder: Session | undefined;

  constructor(given: {
    commits: Commits;
    visible: VisibleDocuments;
    scheduler: Scheduler;
    wall: WallClock;
    sightings: Sightings;
  }) {
    this.#commits = given.commits;
    this.#visible = given.visible;
    this.#scheduler = given.scheduler;
    this.#wall = given.wall;
    this.#sightings = given.sightings;
  }

  /** Another session has the task from now on. */
  noteHandover(next: Session | undefined): void {
    const last = this.#lastHolder;
    const isExcused = last?.hasLostWrite === true || excusingCodes.has(last?.end?.code ?? '');
    if (last?.end !== undefined && !isExcused) this.#endedBefore.add(last);
    this.#lastHolder = next;
  }

  wasAttempted(idempotencyKey: string): boolean {
    return this.#deliveries.has(idempotencyKey);
  }

  wasAccepted(idempotencyKey: string): boolean {
    return this.#deliveries.get(idempotencyKey)?.isAccepted === true;
  }

  /** Whether a receiver has taken this commit from this trigger. */
  isDelivered(triggerId: string, runId: string): boolean {
    return this.wasAccepted(this.#keyOf.get(`${triggerId} ${runId}`) ?? '');
  }

  wasAcceptanceRead(idempotencyKey: string, session: Session): boolean {
    return this.#deliveries.get(idempotencyKey)?.readBy.has(session) === true;
  }

  noteAccepted({ idempotencyKey }: Attempt): void {
    const delivery = this.#deliveries.get(idempotencyKey);
    if (delivery !== undefined) delivery.isAccepted = true;
  }

  noteRead({ idempotencyKey }: Attempt, outcome: AttemptOutcome, session: Session): void {
    const delivery = this.#deliveries.get(idempotencyKey);
    if (delivery === undefined) return;
    if (outcome.outcome === 'delivered') delivery.readBy.add(session);
    delivery.lastRead.set(session, outcome);
  }

  /** How the last attempt ended, if this session has read it. */
  lastRead(idempotencyKey: string, session: Session): AttemptOutcome | undefined {
    return this.#deliveries.get(idempotencyKey)?.lastRead.get(session);
  }

  noteBegun(attempt: Attempt, session: Session, ledger: OutboxLedger): void {
    this.#sightings.saw('attempt');
    const { idempotencyKey, payload, variables } = attempt;
    const said = JSON.parse(payload) as Payload;
    const runId = variables.run_id;
    assertThat(
      said.run === runId && said.docs === variables.docs_total,
      'I4',
      () => `the payload of ${runId} is another's`,
    );
    const known = this.#deliveries.get(idempotencyKey);
    const isSame =
      known === undefined ||
      (known.runId === runId && known.docs === variables.docs_total && known.bytes === variables.bytes_total);
    assertThat(isSame, 'I4', () => `${idempotencyKey} came with other variables than before`);
    const delivery = known ?? {
      runId,
      docs: variables.docs_total,
      bytes: variables.bytes_total,
      attempts: 0,
      isAccepted: false,
      readBy: new Set(),
      lastRead: new Map(),
    };
    this.#deliveries.set(idempotencyKey, delivery);
    delivery.lastRead.delete(session);
    if (delivery.isAccepted) this.#sightings.saw('attempt at what was accepted');
    delivery.attempts += 1;
    if (ledger.holder === session) this.#checkInPlace(attempt, said, session, ledger, known === undefined);
    else this.#checkLate(said, session);
    this.#checkRepetition(idempotencyKey, delivery, session, ledger);
  }

  /** An attempt of the session that holds the task. */
  #checkInPlace(attempt: Attempt, said: Payload, session: Session, ledger: OutboxLedger, isFirst: boolean): void {
    const { idempotencyKey } = attempt;
    const waiting = ledger.waiting(idempotencyKey);
    if (waiting === undefined) {
      assertThat(!ledger.cleared.has(idempotencyKey), 'I7', () => `${idempotencyKey} was cleared, and attempted again`);
      assertThat(!ledger.isParked(idempotencyKey), 'I3', () => `${idempotencyKey} is parked, and attempted`);
      assertThat(false, 'I2', () => `${idempotencyKey} is attempted, and was not committed`);
    }
    const { held, outbox } = waiting;
    assertThat(
      held.docs === attempt.variables.docs_total,
      'I4',
      () => `${idempotencyKey} is attempted with other variables`,
    );
    assertThat(waiting.isFirst, 'I5', () => `${idempotencyKey} is attempted before older ones of "${outbox.name}"`);
    const trigger = session.configuration.withMarker(said.marker);
    assertThat(
      trigger !== undefined && trigger.name === outbox.name,
      'I1',
      () => `"${trigger?.name}" attempts what is in outbox "${outbox.name}"`,
    );
    for (const runId of held.members) {
      const commit = this.#commits.of(runId);
      assertThat(commit !== undefined, 'I2', () => `${runId} is attempted, and was not committed`);
      const isVisible = commit.documents.every((number) => this.#visible.has(number));
      assertThat(isVisible, 'I2', () => `${runId} is attempted, and not visible in the endpoint`);
      assertThat(
        commit.configuredFor.has(trigger.id),
        'I1',
        () => `${runId} goes to ${trigger.id}, whose it never was`,
      );
      const place = `${trigger.id} ${runId}`;
      const key = this.#keyOf.get(place) ?? idempotencyKey;
      assertThat(key === idempotencyKey, 'I4', () => `${place} comes under two keys, ${key} and ${idempotencyKey}`);
      this.#keyOf.set(place, key);
    }
    this.#checkTurn(attempt, outbox, trigger.maxAttempts);
    if (!isFirst || held.wasReplayed) return;
    const latest = this.#latest.get(outbox.id) ?? '';
    assertThat(held.runId > latest, 'I5', () => `${held.runId} is first attempted after ${latest}`);
    this.#latest.set(outbox.id, held.runId);
  }

  /** A zombie: a write that fails lies between any two attempts of a lane. */
  #checkLate({ marker }: Payload, session: Session): void {
    this.#sightings.saw('attempt of a zombie');
    const lane = `${session.name} ${marker}`;
    const count = (this.#late.get(lane) ?? 0) + 1;
    this.#late.set(lane, count);
    assertThat(count <= 1, 'I5', () => `${lane} has begun ${count} attempts after it was fenced`);
  }

  /** Attempts are counted, and each waits for its time, as the store says: also over restarts. */
  #checkTurn({ number, idempotencyKey }: Attempt, { delivery, name }: LedgerOutbox, maxAttempts: number): void {
    const stored = delivery?.record.attempts ?? 0;
    // One that could not be parked is given another round.
    const isCounted = number === stored + 1 || (number === 1 && stored >= maxAttempts);
    assertThat(isCounted, 'rounds', () => `attempt ${number} of ${idempotencyKey}, of which ${stored} are stored`);
    if (delivery === undefined || (this.#wall.lastSetAtMs ?? -1) >= delivery.notedAtMs) return;
    // The clock that is stored counts whole milliseconds.
    const earlyMs = delivery.notedAtMs + delivery.record.waitMs - 1 - this.#scheduler.nowMs;
    assertThat(earlyMs <= 0, 'rounds', () => `"${name}" attempts ${idempotencyKey} ${earlyMs} ms before its time`);
  }

  #checkRepetition(key: string, { readBy }: Delivery, session: Session, ledger: OutboxLedger): void {
    assertThat(!readBy.has(session), 'I7', () => `${key} is attempted again by the session that read its 2xx`);
    if (ledger.holder !== session) return;
    for (const reader of readBy) {
      const hadEnded = this.#endedBefore.has(reader);
      assertThat(
        !hadEnded,
        'I7',
        () => `${key} is attempted again, though the session that read its 2xx ended in order`,
      );
    }
  }
}
