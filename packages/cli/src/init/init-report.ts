import type { Outputs } from '../terminal/output.js';
import { commandOn } from '../terminal/shell-command.js';
import type { InitAnswers } from './init-answers.js';
import type { InitArguments } from './init-command.js';

/** A file that is there now. */
export type WrittenFile = { file: string; holds: 'spec' | 'sample data' | 'schema' };

/** What was done, and what is still to do. */
export type Written = {
  answers: InitAnswers;
  written: readonly WrittenFile[];
  /** What is to be read, and is not there. */
  missing: readonly string[];
  /** What was found, and is not read. */
  unread: readonly string[];
};

/** Says what was written, what is missing, and how to go on. */
export function sayWritten(
  { answers, written, missing, unread }: Written,
  given: InitArguments,
  { stdout }: Outputs,
): void {
  if (given.json) {
    for (const { file, holds } of written) stdout.line(JSON.stringify({ event: 'written', file, holds }));
    for (const file of missing) stdout.line(JSON.stringify({ event: 'missing', file }));
    for (const file of unread) stdout.line(JSON.stringify({ event: 'unread', file }));
    return;
  }
  const { data, endpoint, table, trigger } = answers;
  const [validate, run] = [commandOn('validate', given), commandOn('run', given)];
  const width = Math.max(validate.length, run.length);
  stdout.line(
    `Written: ${written.map(({ file, holds }) => (holds === 'spec' ? file : `${file} (${holds})`)).join(', ')}`,
  );
  for (const file of missing) {
    stdout.line(`Missing: ${file}, which is to be read: put documents there, one JSON object per line.`);
  }
  if (unread.length > 0)
    stdout.line(`Not read: ${unread.join(', ')}. Give each a collection and a binding of its own.`);
  stdout.line('');
  stdout.line(`  ${validate.padEnd(width)}  checks it`);
  stdout.line(`  ${run.padEnd(width)}  keeps table ${table} (${endpoint.kind}) up to date with ${data.join(', ')}`);
  stdout.line('');
  for (const line of next(trigger, given)) stdout.line(line);
}

function next(trigger: InitAnswers['trigger'], given: InitArguments): string[] {
  if (trigger === undefined) return [`Nobody is told of it yet: ${given.specPath} shows how in a comment.`];
  const told = `After each commit ${trigger.kind} is told.`;
  if (trigger.secrets.length === 0) return [told];
  const seal = commandOn('seal', given, '--age', 'age1…');
  return [told, `${trigger.secrets.join(' and ')} is in the file as you gave it. To encrypt it: ${seal}`];
}
