import { exitCodes } from '../exit-code.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { commandOn, type GivenSpec } from '../terminal/shell-command.js';
import { type AskedNames, askedTasks } from './asked-tasks.js';
import { type Looking, withKept } from './kept-state.js';
import { type ParkedEntry, parkedEntries, parkedLine, parkedObject } from './parked-entry.js';

/** The arguments of `aftercommit parked list`. */
export type ParkedListArguments = Looking & AskedNames;

/** Lists what is parked. */
export async function parkedListCommand(
  given: ParkedListArguments,
  io: CommandLineIo,
  { stdout }: Outputs,
): Promise<number> {
  return await withKept(given, io, async ({ tasks }) => {
    const all = parkedEntries(askedTasks(tasks, given, given.specPath));
    const entries = all.filter(({ outbox }) => given.trigger === undefined || outbox === given.trigger);
    if (given.json) for (const entry of entries) stdout.line(JSON.stringify(parkedObject(entry)));
    else for (const line of lines(entries, given, io.clock.now())) stdout.line(line);
    return exitCodes.done;
  });
}

function lines(entries: readonly ParkedEntry[], given: GivenSpec, now: number): string[] {
  if (entries.length === 0) return ['Nothing is parked.'];
  const heads = entries.map(headOf);
  const listed = entries.flatMap((entry, index) => [
    ...(heads[index] === heads[index - 1] ? [] : [headOf(entry)]),
    `  ${parkedLine(entry, now)}`,
  ]);
  return [
    ...listed,
    '',
    `${commandOn('parked show', given)} KEY     everything about one, and its payload`,
    `${commandOn('parked replay', given)} KEY   delivers it again`,
    `${commandOn('parked drop', given)} KEY     forgets it`,
  ];
}

function headOf({ materialization, outbox, hasTrigger }: ParkedEntry): string {
  return `${materialization}: ${outbox}${hasTrigger ? '' : ' (has no trigger any more)'}`;
}
