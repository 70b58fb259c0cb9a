import type { AuditedCommit, Inconsistency } from '@aftercommit/persistence/audit';
import { countRemoved, countStandings, freshTriggers, type VerifiedTask } from './verified-task.js';

/** What is found of one materialization, for programs: its commits if they are wanted, what is inconsistent, a summary. */
export function verifyObjects(task: VerifiedTask, isAll: boolean): Array<Record<string, unknown>> {
  const materialization = task.spec.name;
  const { commits, inconsistencies } = task.audit;
  return [
    ...(isAll ? commits.map((commit) => ({ event: 'commit', materialization, ...commitObject(commit) })) : []),
    ...inconsistencies.map((one) => ({ event: 'inconsistency', materialization, ...inconsistencyObject(one) })),
    { event: 'verified', materialization, ...summaryObject(task) },
  ];
}

function commitObject({ number, runId, docsTotal, isAdopted, outboxes }: AuditedCommit): Record<string, unknown> {
  const triggers = outboxes.map(({ name, standing, unitedInto, at }) => ({
    trigger: name,
    standing,
    unitedInto,
    at: at === null ? null : new Date(at).toISOString(),
  }));
  return { number, runId, docs: docsTotal, isAdopted, triggers };
}

function inconsistencyObject({ code, outbox, runId, keys, problem, advice }: Inconsistency): Record<string, unknown> {
  return { code, trigger: outbox, runId, keys, problem, advice };
}

function summaryObject(task: VerifiedTask): Record<string, unknown> {
  const { commits, outboxes, inconsistencies } = task.audit;
  const fresh = freshTriggers(task).map((name) => ({ id: '', name, hasTrigger: true }));
  return {
    commits: commits.length,
    firstRunId: commits[0]?.runId ?? null,
    lastRunId: commits.at(-1)?.runId ?? null,
    triggers: [...outboxes, ...fresh].map((outbox) => ({
      trigger: outbox.name,
      hasTrigger: outbox.hasTrigger,
      ...countStandings(commits, outbox),
    })),
    removed: countRemoved(commits),
    inconsistencies: inconsistencies.length,
  };
}
