import type { AuditedCommit, AuditedOutbox, CommitInOutbox, Inconsistency } from '@aftercommit/persistence/audit';
import { counted, inThousands, localTime, oneLine } from '../terminal/readable-text.js';
import { countRemoved, countStandings, freshTriggers, type VerifiedTask } from './verified-task.js';

/**
 * What is found of one materialization, for people.
 *
 * @param isAll Also a line for every commit.
 * @param now In milliseconds since 1970.
 */
export function verifyLines(task: VerifiedTask, isAll: boolean, now: number): string[] {
  const { commits, outboxes, inconsistencies } = task.audit;
  const removed = countRemoved(commits);
  return [
    `${task.spec.name}: ${verdict(task)}`,
    ...outboxes.map((outbox) => `  ${headOf(outbox)}: ${countsText(commits, outbox)}`),
    ...freshTriggers(task).map((name) => `  ${name}: was told of no commit yet`),
    ...(removed === 0
      ? []
      : [`  ${counted(removed, 'commit')} also went to triggers that were removed since, with their outboxes`]),
    ...(isAll ? commits.map((commit) => `  ${commitLine(commit, now)}`) : []),
    ...inconsistencies.flatMap(inconsistencyLines),
  ];
}

function verdict({ audit: { commits, inconsistencies } }: VerifiedTask): string {
  const found =
    inconsistencies.length === 0 ? 'consistent' : counted(inconsistencies.length, 'inconsistency', 'inconsistencies');
  const [first] = commits;
  if (first === undefined) return `${found}; no trigger was told of a commit yet`;
  const range = commits.length === 1 ? `run ${first.runId}` : `runs ${first.runId} to ${commits.at(-1)?.runId}`;
  return `${found}; ${counted(commits.length, 'commit')}, ${range}`;
}

function headOf({ id, name, hasTrigger }: AuditedOutbox): string {
  if (name === null) return `outbox ${id}`;
  return hasTrigger ? name : `${name} (has no trigger any more)`;
}

function countsText(commits: readonly AuditedCommit[], outbox: AuditedOutbox): string {
  const { united, ...counts } = countStandings(commits, outbox);
  const texts = Object.entries(counts).flatMap(([word, count]) =>
    count === 0 ? [] : [`${inThousands(count)} ${word === 'beingTried' ? 'being tried' : word}`],
  );
  if (texts.length === 0) return 'was told of no commit yet';
  const unitedText = united === 0 ? '' : `; ${inThousands(united)} of them united with earlier ones`;
  return `${texts.join(', ')}${unitedText}`;
}

function commitLine({ runId, docsTotal, isAdopted, outboxes }: AuditedCommit, now: number): string {
  const adopted = isAdopted ? ' (learnt from the endpoint)' : '';
  const standings = outboxes.map((one) => standingText(one, now)).join('; ');
  return `run ${runId}  ${counted(docsTotal, 'document')}${adopted}  ${standings}`;
}

function standingText({ outbox, name, standing, unitedInto, at }: CommitInOutbox, now: number): string {
  const when = at === null ? '' : ` ${localTime(at, now)}`;
  const union = unitedInto === null ? '' : `, united into run ${unitedInto}`;
  return `${name ?? `outbox ${outbox}`} ${standing.replace('-', ' ')}${when}${union}`;
}

function inconsistencyLines({ code, problem, keys, advice }: Inconsistency): string[] {
  const [key = '', ...more] = keys;
  const where = more.length === 0 ? key : `${key} and ${counted(more.length, 'more key')}`;
  return [`  ${code}: ${oneLine(problem)}`, `    ${advice} (${oneLine(where)})`];
}
