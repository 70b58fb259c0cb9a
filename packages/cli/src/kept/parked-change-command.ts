import { isDeepStrictEqual } from 'node:util';
import { isEmpty } from '@aftercommit/delivery/commit-loop';
import type { Store } from '@aftercommit/persistence';
import { type OutboxRequest, taskKeys } from '@aftercommit/persistence/records';
import { requireKnownNames } from '../errors/unknown-names.js';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { counted } from '../terminal/readable-text.js';
import { commandOn } from '../terminal/shell-command.js';
import { type AskedNames, askedTasks } from './asked-tasks.js';
import { type KeptTask, type Looking, withKept } from './kept-state.js';
import { type ParkedEntry, parkedEntries } from './parked-entry.js';
import { wantedEntries } from './wanted-entries.js';

/** The arguments of `aftercommit parked replay` and `drop`. */
export type ParkedChangeArguments = Looking &
  AskedNames & {
    change: 'replay' | 'drop';
    /** Idempotency keys. */
    keys: readonly string[];
    all: boolean;
    /** `drop` alone: the whole of an outbox that has no trigger any more. */
    outbox?: string;
  };

type Asked = { materialization: string; request: OutboxRequest; what: string };

/** How long a run that goes on is given to take a message; it looks every second. */
const waitForRunMs = 3_000;
const lookAgainMs = 100;

/** Has parked deliveries replayed or dropped: by the run that goes on, or else by the next one. */
export async function parkedChangeCommand(
  given: ParkedChangeArguments,
  io: CommandLineIo,
  outputs: Outputs,
): Promise<number> {
  const ways = [given.keys.length > 0, given.all, given.outbox !== undefined].filter(Boolean).length;
  if (ways !== 1) throw new UsageError(wanted(given));
  return await withKept(given, io, async ({ tasks, store }) => {
    const all = askedOf(given, askedTasks(tasks, given, given.specPath), outputs);
    // All of them first: whoever does not wait for the answers has asked for everything.
    for (const { materialization, request } of all) await store.request(materialization, request);
    const taken = await Promise.all(all.map((asked) => untilTaken(store, asked, io)));
    for (const [index, asked] of all.entries()) {
      const isTaken = taken[index] === true;
      outputs.stdout.line(given.json ? JSON.stringify(askedObject(asked, isTaken)) : askedLine(asked, isTaken, given));
    }
    return exitCodes.done;
  });
}

function askedLine({ materialization, what }: Asked, isTaken: boolean, given: ParkedChangeArguments): string {
  const by = isTaken ? 'taken by the run that goes on' : `the next run does it: ${commandOn('run', given)}`;
  return `${materialization}: ${what}: ${by}`;
}

function askedObject({ materialization, request }: Asked, isTaken: boolean): Record<string, unknown> {
  return { event: 'requested', materialization, ...request, isTaken };
}

function wanted({ change, ...given }: ParkedChangeArguments): string {
  const command = commandOn(`parked ${change}`, given);
  const outbox = change === 'drop' ? `, or ${command} --outbox NAME` : '';
  return `Say what to ${change}: ${command} KEY…, or ${command} --all [--trigger NAME]${outbox}.`;
}

function askedOf(given: ParkedChangeArguments, tasks: readonly KeptTask[], { stderr }: Outputs): Asked[] {
  if (given.outbox !== undefined) return droppedOutboxes(given.outbox, tasks, given);
  const wantedOnes = wantedEntries(parkedEntries(tasks), given.all ? 'all' : given.keys, given.trigger, given);
  const entries = given.change === 'replay' ? replayable(wantedOnes, given.all, stderr) : wantedOnes;
  return tasks.flatMap(({ spec, outboxes }) =>
    outboxes.flatMap(({ about: { name: outbox } }) => {
      const ofOutbox = entries.filter((entry) => entry.materialization === spec.name && entry.outbox === outbox);
      if (ofOutbox.length === 0) return [];
      const keys = ofOutbox.map(({ record }) => record.idempotencyKey);
      const what = `${given.change} ${counted(keys.length, 'delivery', 'deliveries')} of ${outbox}`;
      return [{ materialization: spec.name, request: { request: given.change, outbox, keys }, what }];
    }),
  );
}

/** Those that a trigger would deliver. Of `--all` the others are said, and left. */
function replayable(entries: readonly ParkedEntry[], isAll: boolean, stderr: Outputs['stderr']): ParkedEntry[] {
  const lonely = entries.find(({ trigger }) => trigger === undefined);
  const able = entries.filter(({ trigger }) => trigger !== undefined);
  if (lonely === undefined) return able;
  const why = `${lonely.materialization}: ${lonely.outbox} has no trigger any more that could deliver: configure one of this name, or drop it.`;
  if (!isAll || able.length === 0) throw new UsageError(why);
  stderr.line(why);
  return able;
}

function droppedOutboxes(outbox: string, tasks: readonly KeptTask[], given: ParkedChangeArguments): Asked[] {
  const all = tasks.flatMap((task) => task.outboxes.map((stored) => ({ task, stored })));
  // One that has no trigger and holds nothing is kept for its interval alone.
  const lonely = all.filter(({ stored }) => !stored.about.hasPartner && !isEmpty(stored));
  const named = lonely.filter(({ stored }) => stored.about.name === outbox);
  if (named.length === 0 && all.some(({ stored: { about } }) => about.name === outbox && about.hasPartner)) {
    throw new UsageError(`A trigger has the outbox ${outbox}: see ${commandOn('status', given)}`);
  }
  const names = lonely.map(({ stored }) => stored.about.name);
  requireKnownNames([outbox], names, { what: 'outbox', where: 'without a trigger' });
  return named.map(({ task }) => ({
    materialization: task.spec.name,
    request: { request: 'drop-outbox', outbox },
    what: `drop the outbox ${outbox}`,
  }));
}

/** Whether a run took the message meanwhile. */
async function untilTaken(store: Store, asked: Asked, { clock }: CommandLineIo): Promise<boolean> {
  const message = await messageKey(store, asked);
  if (message === undefined) return true;
  for (let waitedMs = 0; waitedMs < waitForRunMs; waitedMs += lookAgainMs) {
    await clock.sleep(lookAgainMs);
    const left = await store.read(asked.materialization);
    if (!left.some(([key]) => key === message)) return true;
  }
  return false;
}

/** The newest message that asks for this. Undefined: it was taken already. */
async function messageKey(store: Store, { materialization, request }: Asked): Promise<string | undefined> {
  const entries = await store.read(materialization);
  return entries.findLast(([key, value]) => key.startsWith(taskKeys.mailbox) && isDeepStrictEqual(value, request))?.[0];
}
