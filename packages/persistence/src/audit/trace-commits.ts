import { doneLimit } from '../outbox-records.js';
import { nameOf } from './audit-outbox.js';
import { auditOverlaps, type Covering, CoveringIndex, coveringsOf } from './coverings.js';
import type { Findings } from './findings.js';
import type { AuditedCommit, CommitInOutbox } from './task-audit.js';
import type { OutboxEntries, TaskEntries } from './task-entries.js';

type Committed = TaskEntries['committed'][number];

/** What became of each commit in each outbox. What became of none, or of what nobody committed, is a finding. */
export function traceCommits(task: TaskEntries, findings: Findings): AuditedCommit[] {
  const traced = new Map(
    [...task.outboxes].map(([id, outbox]) => {
      const coverings = coveringsOf(outbox);
      auditOverlaps(outbox, coverings, findings);
      auditCommitsOf(outbox, coverings, task.committed, findings);
      return [id, { outbox, index: new CoveringIndex(coverings) }];
    }),
  );
  return task.committed.map(({ key, number, value }) => {
    const { runId, docsTotal, bytesTotal, adopted, outboxes } = value;
    const isAdopted = adopted === true;
    const inOutboxes = outboxes.map((id): CommitInOutbox => {
      const there = traced.get(id);
      const nothing = { outbox: id, name: there?.outbox.about?.value.name ?? null, unitedInto: null, at: null };
      if (there === undefined) return { ...nothing, standing: 'removed' };
      const covering = there.index.find(runId, isAdopted);
      if (covering !== undefined) {
        const { standing, at, from } = covering;
        return { ...nothing, standing, at, unitedInto: from === runId ? null : from };
      }
      if (isForgotten(there.outbox, runId)) return { ...nothing, standing: 'forgotten' };
      const name = nameOf(there.outbox);
      const problem = `Outbox "${name}": nothing is of run ${runId}, which it was told of: it is neither waiting nor parked, nor was it delivered or dropped.`;
      findings.add('COMMIT_LOST', { keys: [key], outbox: name, runId }, problem);
      return { ...nothing, standing: 'lost' };
    });
    return { number, runId, docsTotal, bytesTotal, isAdopted, outboxes: inOutboxes };
  });
}

/**
 * Whether so many deliveries of later runs ended that it is not kept how one of this ended. Of the last commits that is
 * so only of one which an endpoint of an older copy committed again: run ids rise with all others.
 */
function isForgotten({ done }: OutboxEntries, runId: string): boolean {
  return done.length >= doneLimit && done.every((ended) => runId < ended.runId);
}

/** Whatever is in an outbox is of commits that it was told of, and has as many documents as they. */
function auditCommitsOf(
  outbox: OutboxEntries,
  coverings: readonly Covering[],
  committed: readonly Committed[],
  findings: Findings,
): void {
  const name = nameOf(outbox);
  const told = committed.filter(({ value }) => value.outboxes.includes(outbox.id));
  const adopted = told.filter(({ value }) => value.adopted === true);
  const own = told.filter(({ value }) => value.adopted === undefined);
  const since = keptSince(committed);
  for (const covering of coverings) {
    const { key, from, through, isAdopted, standing } = covering;
    const parts = (isAdopted ? adopted : own).filter(({ value }) => value.runId >= from && value.runId <= through);
    const runIds = new Set(parts.map(({ value }) => value.runId));
    const unknown = [...new Set([from, through])].find((runId) => runId >= since && !runIds.has(runId));
    if (unknown !== undefined) {
      const problem = `Outbox "${name}": one ${standing} is of run ${unknown}, of which no commit says that this outbox was told.`;
      findings.add('COMMIT_UNKNOWN', { keys: [key], outbox: name, runId: unknown }, problem);
    } else if (runIds.has(from) && runIds.has(through)) {
      // An endpoint of an older copy may have brought one along more than once.
      auditSums(name, covering, isAdopted ? parts.slice(0, 1) : parts, findings);
    }
  }
}

/** From which run id on every commit is kept; `''`: from the first. */
function keptSince(committed: readonly Committed[]): string {
  const [oldest] = committed;
  if (oldest === undefined || oldest.value.previous === null) return '';
  // What was adopted may be older than what was committed before it, and is kept no more.
  return committed.find(({ value }) => value.adopted === undefined)?.value.runId ?? '~';
}

function auditSums(name: string, covering: Covering, parts: readonly Committed[], findings: Findings): void {
  const { key, from, through, standing, docsTotal, bytesTotal } = covering;
  const docs = parts.reduce((sum, { value }) => sum + value.docsTotal, 0);
  const bytes = parts.reduce((sum, { value }) => sum + value.bytesTotal, 0);
  if ((docsTotal ?? docs) === docs && (bytesTotal ?? bytes) === bytes) return;
  const runs = from === through ? `of run ${from}` : `of runs ${from} through ${through}`;
  const has = `${docsTotal} documents${bytesTotal === undefined ? '' : ` with ${bytesTotal} bytes`}`;
  const problem = `Outbox "${name}": one ${standing} ${runs} has ${has}, and its commits have ${docs} with ${bytes}.`;
  findings.add('SUM_WRONG', { keys: [key, ...parts.map((part) => part.key)], outbox: name, runId: from }, problem);
}
