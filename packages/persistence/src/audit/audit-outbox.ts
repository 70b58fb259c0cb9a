import { doneLimit, parkedLimit } from '../outbox-records.js';
import type { Findings } from './findings.js';
import type { OutboxEntries, TaskEntries } from './task-entries.js';

/** What an outbox is called in findings. */
export function nameOf({ id, about }: OutboxEntries): string {
  return about?.value.name ?? id;
}

/** What can be said of the outboxes of a task without knowing its commits. */
export function auditOutboxes(task: TaskEntries, findings: Findings): void {
  const outboxes = [...task.outboxes.values()];
  for (const outbox of outboxes) {
    auditPlaces(outbox, findings);
    auditDelivery(outbox, findings);
    auditLimits(outbox, findings);
  }
  auditNames(outboxes, findings);
  auditIds(task, findings);
  auditIdempotencyKeys(outboxes, findings);
}

/** Every window, and what is left of one, is where its run id says. */
function auditPlaces(outbox: OutboxEntries, findings: Findings): void {
  const name = nameOf(outbox);
  const wrong = (key: string, runId: string, problem: string): void =>
    findings.add('WINDOW_OUT_OF_PLACE', { keys: [key], outbox: name, runId }, `Outbox "${name}": ${problem}.`);
  for (const { key, place, value } of outbox.windows) {
    const { run_id: runId } = value.window;
    const isPutBehind = place.includes('~') ? value.replayed === true : value.maybeSeen === true && place > runId;
    if (place !== runId && !isPutBehind) wrong(key, runId, `the window of run ${runId} stands at ${place}`);
  }
  for (const { key, runId, value } of outbox.parked) {
    if (value.window.run_id !== runId)
      wrong(key, runId, `what is parked under run ${runId} is of run ${value.window.run_id}`);
  }
  const ranges = [
    ...[...outbox.windows, ...outbox.parked].map(({ key, value }) => ({ key, from: value.window.run_id, ...value })),
    ...outbox.done.map(({ key, runId, value }) => ({ key, from: runId, ...value })),
  ];
  for (const { key, from, through, maybeSeen } of ranges) {
    if (through === undefined) continue;
    if (through <= from) wrong(key, from, `a union begins with run ${from} and ends with ${through}`);
    // I4: what an endpoint brought along is never united.
    else if (maybeSeen === true) wrong(key, from, `what the endpoint brought along, run ${from}, is united`);
  }
}

function auditDelivery(outbox: OutboxEntries, findings: Findings): void {
  const { delivery, windows, lastFired } = outbox;
  const name = nameOf(outbox);
  if (delivery !== undefined && windows.length === 0) {
    const problem = `Outbox "${name}": a delivery is being tried, and its window is not there.`;
    findings.add('DELIVERY_WITHOUT_WINDOW', { keys: [delivery.key], outbox: name }, problem);
  }
  const runId = lastFired?.value.runId;
  const taken = windows.findIndex(({ value }) => value.window.run_id === runId && isAsCommitted(value));
  const window = windows[taken];
  if (lastFired === undefined || window === undefined || (taken === 0 && delivery !== undefined)) return;
  findings.add(
    'DELIVERY_MISSING',
    { keys: [window.key, lastFired.key], outbox: name, runId: lastFired.value.runId },
    `Outbox "${name}": run ${runId} was taken as a delivery, and is not the one being tried: what is united with it now would go out under a key that its receiver may have seen.`,
  );
}

/** What was replayed, or came from the endpoint, may have a run id that was taken before. */
function isAsCommitted({ replayed, maybeSeen }: { replayed?: true; maybeSeen?: true }): boolean {
  return replayed === undefined && maybeSeen === undefined;
}

function auditLimits(outbox: OutboxEntries, findings: Findings): void {
  const name = nameOf(outbox);
  const limits = [
    { what: 'deliveries are parked', found: outbox.parked, limit: parkedLimit },
    { what: 'deliveries that ended are kept', found: outbox.done, limit: doneLimit },
  ];
  for (const { what, found, limit } of limits) {
    if (found.length <= limit) continue;
    const problem = `Outbox "${name}": ${found.length} ${what}, and no more than ${limit} should be.`;
    findings.add('TOO_MANY', { keys: found.slice(limit).map(({ key }) => key), outbox: name }, problem);
  }
}

function auditNames(outboxes: readonly OutboxEntries[], findings: Findings): void {
  const known = new Map<string, string>();
  for (const { id, keys, about } of outboxes) {
    if (about === undefined) {
      const problem = `Outbox ${id} does not say whose it is: nobody goes on with what it holds.`;
      findings.add('OUTBOX_NAMELESS', { keys, outbox: id }, problem);
      continue;
    }
    const { name } = about.value;
    const other = known.get(name);
    known.set(name, about.key);
    if (other === undefined) continue;
    findings.add('OUTBOX_NAME_TWICE', { keys: [other, about.key], outbox: name }, `Two outboxes are called "${name}".`);
  }
}

function auditIds({ outboxes, committed, lastOutbox }: TaskEntries, findings: Findings): void {
  const named = [...outboxes.keys(), ...committed.flatMap(({ value }) => value.outboxes)];
  const largest = named.reduce((most, id) => Math.max(most, Number(id)), 0);
  const given = Number(lastOutbox?.value.id ?? 0);
  if (largest <= given) return;
  const said =
    lastOutbox === undefined ? 'it is not stored which id was given last' : `${given} is stored as the last one`;
  const problem = `An outbox has, or had, the id ${largest}, and ${said}: another outbox may be given it.`;
  findings.add('OUTBOX_ID_WRONG', { keys: [lastOutbox?.key ?? 'last-outbox'] }, problem);
}

function auditIdempotencyKeys(outboxes: readonly OutboxEntries[], findings: Findings): void {
  const known = new Map<string, { key: string; id: string; isAdopted: boolean }>();
  for (const outbox of outboxes) {
    for (const { key, value } of [...outbox.windows, ...outbox.parked]) {
      const isAdopted = value.maybeSeen === true;
      const other = known.get(value.idempotencyKey);
      known.set(value.idempotencyKey, { key, id: outbox.id, isAdopted });
      if (other === undefined) continue;
      // What an endpoint brings along gets its key before outboxes change names, so two of two outboxes can have one.
      if (other.id !== outbox.id && (isAdopted || other.isAdopted)) continue;
      const { run_id: runId } = value.window;
      const name = nameOf(outbox);
      const problem = `Outbox "${name}": run ${runId} has the idempotency key of another delivery.`;
      findings.add('IDEMPOTENCY_KEY_TWICE', { keys: [other.key, key], outbox: name, runId }, problem);
    }
  }
}
