import type { Json } from '@aftercommit/models';
import { auditCommits } from './audit-commits.js';
import { auditOutboxes } from './audit-outbox.js';
import { Findings } from './findings.js';
import type { TaskAudit } from './task-audit.js';
import { readEntries } from './task-entries.js';
import { traceCommits } from './trace-commits.js';

/** What an audit has to be told of the host. */
export type AuditOptions = {
  /** Whether a key is one that the host adds to its batches. Default: there are none. */
  isHostKey?: (key: string) => boolean;
};

/**
 * Walks the state of a task, and says of each of its last commits what became of it in every outbox, and what is
 * inconsistent. Changes nothing, and never throws: what cannot be read is said, too. What it does not notice stands in the
 * README of this package.
 *
 * @param entries All of a task's state at one moment, as `Store.read` returns it, in the order of the keys.
 */
export function auditTask(
  entries: ReadonlyArray<readonly [key: string, value: Json]>,
  { isHostKey = () => false }: AuditOptions = {},
): TaskAudit {
  const findings = new Findings();
  const task = readEntries(entries, isHostKey, findings);
  auditCommits(task, findings);
  auditOutboxes(task, findings);
  const commits = traceCommits(task, findings);
  const outboxes = [...task.outboxes.values()].map(({ id, about }) => ({
    id,
    name: about?.value.name ?? null,
    hasTrigger: about?.value.hasPartner ?? false,
  }));
  return { commits, outboxes, inconsistencies: findings.all };
}
