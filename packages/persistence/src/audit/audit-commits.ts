import { runIdOfPlace } from '../place.js';
import { committedLimit, taskKeys } from '../task-records.js';
import type { Findings } from './findings.js';
import type { TaskEntries } from './task-entries.js';

/** What can be said of the commits of a task without knowing what became of them. */
export function auditCommits(task: TaskEntries, findings: Findings): void {
  auditChain(task, findings);
  auditLastCommit(task, findings);
  auditRunIds(task, findings);
}

/** Each commit names the one before it, so that one that is not kept is missed. */
function auditChain({ committed }: TaskEntries, findings: Findings): void {
  let before: number | undefined;
  for (const { key, number, value } of committed) {
    const isExpected =
      before === undefined ? value.previous === null || committed.length >= committedLimit : value.previous === before;
    if (!isExpected) {
      const problem = `Commit ${number} came after ${commitText(value.previous)}, and ${commitText(before)} is kept before it.`;
      findings.add('COMMIT_MISSING', { keys: [key], runId: value.runId }, problem);
    }
    before = number;
  }
  if (committed.length > committedLimit) {
    const keys = committed.slice(0, -committedLimit).map(({ key }) => key);
    const problem = `${committed.length} commits are kept, and no more than ${committedLimit} should be.`;
    findings.add('TOO_MANY', { keys }, problem);
  }
}

function commitText(number: number | null | undefined): string {
  return number === null || number === undefined ? 'none' : `commit ${number}`;
}

/** There is one last commit, and it is the last that outboxes were told of, or a later one. */
function auditLastCommit({ commits, committed, lastRun }: TaskEntries, findings: Findings): void {
  const wrong = (keys: string[], problem: string): void => findings.add('LAST_COMMIT_WRONG', { keys }, problem);
  const newest = committed.at(-1);
  const givenUp = lastRun?.value.commit ?? 0;
  const newestNumber = Math.max(newest?.number ?? 0, givenUp);
  const [last, ...more] = commits;
  if (last === undefined) {
    // A task that begins again has none until it commits.
    const isBeginning = lastRun === undefined || lastRun.value.commit !== undefined;
    if (isBeginning && newestNumber === givenUp) return;
    const keys = [newest?.key ?? taskKeys.lastRun];
    wrong(keys, 'There is no last commit: the task would begin again from the start of its sources.');
  } else if (more.length > 0) {
    const keys = commits.map(({ key }) => key);
    wrong(keys, `There are ${commits.length} last commits, and should be one.`);
  } else if (newestNumber > last.number) {
    wrong([last.key], `The last commit has the number ${last.number}, and there was one of number ${newestNumber}.`);
  } else if (!isItsOwn(last) || (newest?.number === last.number && !isSame(last, newest))) {
    const keys = [last.key, ...(newest === undefined ? [] : [newest.key])];
    wrong(keys, `Commit ${last.number} is not of the run, or has not the documents, that outboxes were told of.`);
  }
}

function isItsOwn({ value }: TaskEntries['commits'][number]): boolean {
  const { runId, window } = value.runtimeCheckpoint;
  return window === null || window.run_id === runId;
}

function isSame(last: TaskEntries['commits'][number], { value }: TaskEntries['committed'][number]): boolean {
  const { runId, window } = last.value.runtimeCheckpoint;
  return value.runId === runId && window?.docs_total === value.docsTotal && window.bytes_total === value.bytesTotal;
}

/** Run ids rise with every commit, and none can be given out again. */
function auditRunIds({ commits, committed, lastRun, outboxes }: TaskEntries, findings: Findings): void {
  let latest = '';
  for (const { key, value } of committed) {
    const { runId } = value;
    // An endpoint of an older copy commits what was committed before.
    if (value.adopted === undefined && runId <= latest) {
      findings.add(
        'RUN_ID_WRONG',
        { keys: [key], runId },
        `Run ${runId} was committed after run ${latest}, and is not later.`,
      );
    }
    if (runId > latest) latest = runId;
  }
  const held = [...outboxes.values()].flatMap(({ windows }) => windows.map(({ place }) => runIdOfPlace(place)));
  const floors = [
    ...commits.map(({ value }) => value.runtimeCheckpoint.runId),
    ...(lastRun === undefined ? [] : [lastRun.value.runId]),
    ...held,
  ];
  const floor = floors.reduce((most, runId) => (runId > most ? runId : most), '');
  const given = [
    ...committed.map(({ key, value }) => ({ key, runId: value.runId })),
    ...[...outboxes.values()].flatMap(({ parked, done }) => [...parked, ...done]),
  ];
  const above = given.filter(({ runId }) => runId > floor);
  const [first] = above;
  if (first === undefined) return;
  const problem = `Run ${first.runId} was committed, and nothing says that no later transaction may be called so.`;
  findings.add('RUN_ID_WRONG', { keys: above.map(({ key }) => key), runId: first.runId }, problem);
}
