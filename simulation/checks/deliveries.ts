import type { Attempt, AttemptOutcome } from '@aftercommit/registry';
import type { Session } from './session.js';
import { assertThat } from './violation.js';

/** What is known of one delivery, by its key. */
export type Delivery = {
  runId: string;
  docs: number;
  bytes: number;
  isAccepted: boolean;
  /** The sessions that read that it was accepted. */
  readBy: Set<Session>;
  /** How the last attempt of each session ended, if it has read that. */
  lastRead: Map<Session, AttemptOutcome>;
};

/** Everything that was ever attempted, what receivers took of it, and who has read that. */
export class Deliveries {
  readonly #byKey = new Map<string, Delivery>();
  /** By trigger and run id: the one key under which that commit may come. */
  readonly #keyOf = new Map<string, string>();

  /** I4: an attempt begins, with what the attempts before it had. */
  noteBegun({ idempotencyKey, variables }: Attempt, session: Session): { delivery: Delivery; isNew: boolean } {
    const { run_id: runId, docs_total: docs, bytes_total: bytes } = variables;
    const known = this.#byKey.get(idempotencyKey);
    const isSame = known === undefined || (known.runId === runId && known.docs === docs && known.bytes === bytes);
    assertThat(isSame, 'I4', () => `${idempotencyKey} came with other variables than before`);
    const delivery = known ?? { runId, docs, bytes, isAccepted: false, readBy: new Set(), lastRead: new Map() };
    this.#byKey.set(idempotencyKey, delivery);
    delivery.lastRead.delete(session);
    return { delivery, isNew: known === undefined };
  }

  /** I4: what a trigger is sent of a commit comes under one key. */
  noteKey(idempotencyKey: string, triggerId: string, runId: string): void {
    const place = `${triggerId} ${runId}`;
    const key = this.#keyOf.get(place) ?? idempotencyKey;
    assertThat(key === idempotencyKey, 'I4', () => `${place} comes under two keys, ${key} and ${idempotencyKey}`);
    this.#keyOf.set(place, key);
  }

  noteAccepted({ idempotencyKey }: Attempt): void {
    const delivery = this.#byKey.get(idempotencyKey);
    if (delivery !== undefined) delivery.isAccepted = true;
  }

  noteRead({ idempotencyKey }: Attempt, outcome: AttemptOutcome, session: Session): void {
    const delivery = this.#byKey.get(idempotencyKey);
    if (delivery === undefined) return;
    if (outcome.outcome === 'delivered') delivery.readBy.add(session);
    delivery.lastRead.set(session, outcome);
  }

  wasAttempted(idempotencyKey: string): boolean {
    return this.#byKey.has(idempotencyKey);
  }

  /** Whether a receiver has taken this commit from this trigger. */
  isDelivered(triggerId: string, runId: string): boolean {
    return this.#byKey.get(this.#keyOf.get(`${triggerId} ${runId}`) ?? '')?.isAccepted === true;
  }

  wasAcceptanceRead(idempotencyKey: string, session: Session): boolean {
    return this.#byKey.get(idempotencyKey)?.readBy.has(session) === true;
  }

  /** How the last attempt ended, if this session has read it. */
  lastRead(idempotencyKey: string, session: Session): AttemptOutcome | undefined {
    return this.#byKey.get(idempotencyKey)?.lastRead.get(session);
  }
}
