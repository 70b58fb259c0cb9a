import type { CompiledTrigger } from '@aftercommit/delivery';
import { matchOutboxes } from '@aftercommit/delivery/commit-loop';
import type { ParkedRecord } from '@aftercommit/persistence/records';
import { counted, localTime, oneLine } from '../terminal/readable-text.js';
import type { KeptTask } from './kept-state.js';

/** A parked delivery, and where it is. */
export type ParkedEntry = {
  materialization: string;
  /** The outbox's name, which is its trigger's. */
  outbox: string;
  /** Whether a trigger had the outbox at the last run: without, nothing can be replayed. */
  hasTrigger: boolean;
  /** The trigger as it is configured now. Undefined: there is none. */
  trigger: CompiledTrigger | undefined;
  /** Its reason without the secrets of now, too. */
  record: ParkedRecord;
};

/** Everything that is parked, oldest first within each outbox. */
export function parkedEntries(tasks: readonly KeptTask[]): ParkedEntry[] {
  return tasks.flatMap(({ spec, outboxes, redactor }) => {
    // As the next run will match them: a corrected target may have changed a name.
    const { partners } = matchOutboxes(
      outboxes,
      spec.triggers.map(({ identity }) => identity),
    );
    return outboxes.flatMap((outbox) =>
      outbox.parked.map((record) => ({
        materialization: spec.name,
        outbox: outbox.about.name,
        hasTrigger: outbox.about.hasPartner,
        trigger: spec.triggers[partners.findIndex((partner) => partner?.outbox === outbox)],
        record: { ...record, reason: redactor.scrub(record.reason) },
      })),
    );
  });
}

/** A parked delivery for programs. */
export function parkedObject({ materialization, outbox, hasTrigger, record }: ParkedEntry): Record<string, unknown> {
  const { idempotencyKey, window, parkedAt, failingSinceAt, attempts, outcome, reason } = record;
  return {
    event: 'parked',
    materialization,
    trigger: outbox,
    hasTrigger,
    idempotencyKey,
    runId: window.run_id,
    docs: window.docs_total,
    parkedAt: new Date(parkedAt).toISOString(),
    failingSinceAt: new Date(failingSinceAt).toISOString(),
    attempts,
    outcome,
    reason,
  };
}

/** A parked delivery for people, in one line. */
export function parkedLine({ record }: ParkedEntry, now: number): string {
  const { idempotencyKey, window, parkedAt, attempts, outcome, reason } = record;
  return [
    idempotencyKey,
    `run ${window.run_id}`,
    counted(window.docs_total, 'document'),
    `parked ${localTime(parkedAt, now)}`,
    `${outcome} after ${counted(attempts, 'attempt')}: ${oneLine(reason)}`,
  ].join('  ');
}
