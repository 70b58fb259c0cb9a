import { compareText } from '@aftercommit/models';
import type { Inconsistency, InconsistencyCode } from './task-audit.js';

/** What an inconsistency is about; what is left out is null. */
export type About = { keys: string[]; outbox?: string; runId?: string };

const restore =
  'Something other than aftercommit wrote the state, or its medium is damaged: stop the run, and bring back the last copy that is consistent.';
const tellReceiver =
  'Nobody will be told of these documents. Bring back a copy of the state that has it, or tell the receiver yourself.';
const mayRepeat = 'Its receiver may be told twice: ask it, and bring back a copy of the state that is consistent.';
const noDelivery =
  'No delivery is affected, only what can be said of them. It goes away as newer commits take its place.';

const advices: Record<InconsistencyCode, string> = {
  KEY_UNKNOWN:
    'Read the state with the version of aftercommit that wrote it, or a newer one. A host names keys of its own.',
  RECORD_UNREADABLE: restore,
  LAST_COMMIT_WRONG: restore,
  COMMIT_MISSING: noDelivery,
  COMMIT_UNKNOWN: noDelivery,
  COMMIT_LOST: tellReceiver,
  COMMIT_TWICE: mayRepeat,
  SUM_WRONG: restore,
  RUN_ID_WRONG: restore,
  OUTBOX_NAMELESS: restore,
  OUTBOX_NAME_TWICE: restore,
  OUTBOX_ID_WRONG: restore,
  WINDOW_OUT_OF_PLACE: restore,
  DELIVERY_WITHOUT_WINDOW: tellReceiver,
  DELIVERY_MISSING: mayRepeat,
  IDEMPOTENCY_KEY_TWICE:
    'Its receiver drops the second as a repetition of the first. Bring back a copy of the state that is consistent.',
  TOO_MANY: restore,
};

/** The inconsistencies found so far. */
export class Findings {
  readonly #found: Inconsistency[] = [];

  add(code: InconsistencyCode, { keys, outbox, runId }: About, problem: string): void {
    const advice = advices[code];
    this.#found.push({ code, keys, outbox: outbox ?? null, runId: runId ?? null, problem, advice });
  }

  /** In the order of the keys that they are about. */
  get all(): Inconsistency[] {
    return [...this.#found].sort((left, right) => compareText(left.keys[0] ?? '', right.keys[0] ?? ''));
  }
}
