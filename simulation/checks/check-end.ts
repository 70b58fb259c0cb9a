import { type Document, mergePatch } from '@aftercommit/models';
import type { RunningConfiguration } from '../configuration/configuration.js';
import { hostRowNumbers } from '../world/host-database.js';
import { logBindings, materialization } from '../world/simulated-endpoint.js';
import type { World } from '../world/world.js';
import { assertThat } from './violation.js';

/**
 * What a world must look like when everything has come to its end.
 *
 * @returns How many deliveries are parked.
 */
export function checkEnd(world: World, running: RunningConfiguration): number {
  checkRows(world);
  checkDeliveries(world, running);
  const { outboxes } = world.ledger;
  for (const { name, hasPartner, windows } of outboxes) {
    assertThat(!hasPartner || windows.size === 0, 'I1', () => `outbox "${name}" still holds ${windows.size} windows`);
  }
  return outboxes.reduce((sum, { parked }) => sum + parked.size, 0);
}

/** The endpoint's tables are what the collection says: nothing twice, nothing missing. */
function checkRows({ endpoint, hostDatabase, disk, collection, commits }: World): void {
  const { unknownToStore } = commits;
  assertThat(unknownToStore.length === 0, 'I1', () => `the store never learnt of transaction ${unknownToStore[0]}`);
  const hosted = [...hostDatabase.numbers, ...hostRowNumbers(disk.values(materialization).keys())];
  const logged = logBindings.flatMap((binding) => endpoint.rows(binding).map((row) => Number(row['number'])));
  const log = [...hosted, ...logged];
  const numbers = collection.map((_, number) => number);
  assertThat(
    isSame(
      log.sort((a, b) => a - b),
      numbers,
    ),
    'rows',
    () => `the log has ${log.join(' ')}`,
  );
  if (hosted.length > 0) return;
  const merged = new Map<unknown, Document>();
  for (const { document, collection: name } of collection) {
    if (name !== 'acme/events') continue;
    merged.set(document['id'], mergePatch(merged.get(document['id']), document) as Document);
  }
  const rows = endpoint.rows(0);
  assertThat(rows.length === merged.size, 'rows', () => `${rows.length} rows instead of ${merged.size}`);
  for (const row of rows) {
    const expected = merged.get(row['id']);
    assertThat(isSame(sortedEntries(row), sortedEntries(expected)), 'rows', () => `a row is ${JSON.stringify(row)}`);
  }
}

/** I1: of every commit each trigger that is still configured was delivered, or it is parked, or somebody dropped it. */
function checkDeliveries({ commits, ledger, deliveries }: World, running: RunningConfiguration): void {
  for (const { id } of running.configuration.triggers) {
    const name = running.configuration.triggers.find((trigger) => trigger.id === id)?.marker ?? '';
    const outbox = ledger.outboxes.find((one) => one.name === running.withMarker(name)?.name);
    const setAside = [...(outbox?.parked.values() ?? []), ...ledger.dropped];
    const asideRunIds = new Set(setAside.flatMap(({ members }) => members));
    for (const { runId, configuredFor } of commits.all) {
      if (!configuredFor.has(id)) continue;
      const isDelivered = deliveries.isDelivered(id, runId);
      assertThat(isDelivered || asideRunIds.has(runId), 'I1', () => `${runId} was never delivered to ${id}`);
    }
  }
}

function sortedEntries(document: Document | undefined): unknown {
  return Object.entries(document ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
