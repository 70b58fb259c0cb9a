import { expect } from 'vitest';
import type { RunResult } from './aftercommit-run.js';
import { type DatabaseName, type DiskTask, triggerNames } from './disk-task.js';

/** What a run that met a fault has to say. */
export type ExpectedFailure = {
  code: string | RegExp;
  /** The database that is named. Undefined: the message is about two of them. */
  database?: DatabaseName;
  /** What the message says of what to do, or of why. */
  saying?: RegExp;
};

/** Exit code 1, a stable code, and a message that says what happened, to which file, and what to do: no stack trace. */
export function expectFailure(task: DiskTask, result: RunResult, { code, database, saying }: ExpectedFailure): void {
  const { exitCode, stderr, events } = result;
  const failed = events.filter(({ event }) => event === 'failed');
  expect({ exitCode, failed: failed.length }, stderr).toEqual({ exitCode: 1, failed: 1 });
  const [{ code: actualCode = '', reason = '' } = {}] = failed;
  expect(actualCode, stderr).toMatch(code);
  if (database !== undefined) expect(reason).toContain(task.fileOf(database));
  if (saying !== undefined) expect(reason).toMatch(saying);
  expect(reason).toMatch(advice);
  expect(reason).not.toContain('\n');
  expect(stderr).toContain(reason.slice(reason.indexOf(': ') + 2));
  expect(stderr).not.toMatch(/^\s+at /m);
}

/** Every message of a fault ends with one of these. */
const advice = /Make room|Check (?:the|that)|Give this process|[Rr]estore|end its transaction|Accept|accept/;

/** I2: what was delivered is committed, and visible in the endpoint. */
export async function expectNothingAhead(task: DiskTask): Promise<void> {
  const visible = new Set(task.tables()['log']?.map(({ reading }) => reading));
  for (const trigger of triggerNames) {
    const { perDocument } = await task.deliveries(trigger);
    const ahead = perDocument.flatMap((count, reading) => (count > 0 && !visible.has(reading) ? [reading] : []));
    expect(ahead, `${trigger}: delivered, and not visible`).toEqual([]);
  }
}

/** Every document is in the tables, and was delivered to every trigger in one delivery, which may have been repeated. */
export async function expectComplete(task: DiskTask, result: RunResult): Promise<void> {
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  await expectAllThere(task);
}

/** The same, whatever was said about it. */
export async function expectAllThere(task: DiskTask): Promise<void> {
  expect(task.tables()).toEqual(task.wantedTables());
  for (const trigger of triggerNames) {
    const { perDocument } = await task.deliveries(trigger);
    expect(perDocument, `${trigger}: deliveries of each document`).toEqual(task.documents.map(() => 1));
  }
}

/** Requests whose key had arrived before, of all triggers. */
export async function repeatedDeliveries(task: DiskTask): Promise<number> {
  const all = await Promise.all(triggerNames.map(async (trigger) => await task.deliveries(trigger)));
  return all.reduce((sum, { repeated }) => sum + repeated, 0);
}
