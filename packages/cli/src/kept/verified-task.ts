import type { AuditedCommit, AuditedOutbox, TaskAudit } from '@aftercommit/persistence/audit';
import type { MaterializationSpec } from '../spec/materialization-spec.js';

/** What is found of one materialization. */
export type VerifiedTask = { spec: MaterializationSpec; audit: TaskAudit };

/** How many commits an outbox was told of, and how they stand there. */
export type StandingCounts = Record<
  'delivered' | 'beingTried' | 'waiting' | 'parked' | 'dropped' | 'forgotten' | 'lost',
  number
> & {
  /** Of all these, those that were united into the delivery of an earlier one. */
  united: number;
};

/** How the kept commits stand in an outbox. */
export function countStandings(commits: readonly AuditedCommit[], { id }: Pick<AuditedOutbox, 'id'>): StandingCounts {
  const told = commits.flatMap(({ outboxes }) => outboxes.filter(({ outbox }) => outbox === id));
  const count = (standing: string): number => told.filter((one) => one.standing === standing).length;
  return {
    delivered: count('delivered'),
    beingTried: count('being-tried'),
    waiting: count('waiting'),
    parked: count('parked'),
    dropped: count('dropped'),
    forgotten: count('forgotten'),
    lost: count('lost'),
    united: told.filter(({ unitedInto }) => unitedInto !== null).length,
  };
}

/** How many kept commits were told to an outbox that is gone now. */
export function countRemoved(commits: readonly AuditedCommit[]): number {
  return commits.filter(({ outboxes }) => outboxes.some(({ standing }) => standing === 'removed')).length;
}

/** Triggers of the spec that have no outbox yet. */
export function freshTriggers({ spec, audit }: VerifiedTask): string[] {
  const known = new Set(audit.outboxes.map(({ name }) => name));
  return spec.triggers.map(({ name }) => name).filter((name) => !known.has(name));
}
