import { UsageError } from '../errors/usage-error.js';
import { commandOn, type GivenSpec } from '../terminal/shell-command.js';
import type { ParkedEntry } from './parked-entry.js';

/**
 * The parked deliveries that a person named.
 *
 * @param outbox Only those of this trigger. Undefined: of all.
 * @throws UsageError when there is none under one of the keys, or none at all.
 */
export function wantedEntries(
  entries: readonly ParkedEntry[],
  keys: readonly string[] | 'all',
  outbox: string | undefined,
  given: GivenSpec,
): ParkedEntry[] {
  const there = entries.filter((entry) => outbox === undefined || entry.outbox === outbox);
  const where = outbox === undefined ? '' : ` of ${outbox}`;
  if (keys === 'all') {
    if (there.length === 0) throw new UsageError(`Nothing${where} is parked.`, { code: 'NAME_UNKNOWN' });
    return there;
  }
  const known = new Set(there.map(({ record }) => record.idempotencyKey));
  const unknown = keys.filter((key) => !known.has(key));
  if (unknown.length > 0) {
    const list = commandOn('parked list', given);
    throw new UsageError(`Nothing${where} is parked under ${unknown.join(', ')}: see ${list}`, {
      code: 'NAME_UNKNOWN',
    });
  }
  return there.filter(({ record }) => keys.includes(record.idempotencyKey));
}
