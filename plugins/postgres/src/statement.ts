import type { Attempt } from '@aftercommit/registry';
import { AttemptFailure } from './attempt-failure.js';
import { defaultColumns, type PostgresConfig } from './postgres-config.js';
import { quoted, tableParts } from './sql-names.js';

/** What one attempt does in its transaction. */
export type Statement = { text: string; values: string[] };

/** Bytes: what a notification takes at most is one less. */
const tooLongForNotification = 8000;

/**
 * What is configured, for this attempt.
 *
 * @throws AttemptFailure The payload is too long for a notification.
 */
export function statementFor(config: PostgresConfig, attempt: Attempt): Statement {
  if (config.channel !== undefined) return notification(config.channel, attempt.payload);
  if (config.table !== undefined) return insertion(config.table, config.columns ?? {}, attempt);
  throw new Error('A PostgreSQL trigger with neither a table nor a channel');
}

/** A row that is there already was inserted by an earlier attempt: it stays as it is. */
function insertion(table: string, columns: NonNullable<PostgresConfig['columns']>, attempt: Attempt): Statement {
  const { idempotencyKey, payload, epoch, variables } = attempt;
  const key = columns.idempotencyKey ?? defaultColumns.idempotencyKey;
  const filled: Array<[column: string | undefined, value: string]> = [
    [key, idempotencyKey],
    [columns.payload ?? defaultColumns.payload, payload],
    [columns.materialization, variables.materialization_name],
    [columns.runId, variables.run_id],
    [columns.epoch, String(epoch)],
    [columns.variables, JSON.stringify(variables)],
  ];
  const named = filled.flatMap(([column, value]) => (column === undefined ? [] : [{ column: quoted(column), value }]));
  const names = named.map(({ column }) => column).join(', ');
  const places = named.map((_, index) => `$${index + 1}`).join(', ');
  return {
    text: `INSERT INTO ${quoted(...tableParts(table))} (${names}) VALUES (${places}) ON CONFLICT (${quoted(key)}) DO NOTHING`,
    values: named.map(({ value }) => value),
  };
}

function notification(channel: string, payload: string): Statement {
  const bytes = Buffer.byteLength(payload);
  if (bytes >= tooLongForNotification) {
    const reason = `the payload has ${bytes} bytes, and a notification takes less than ${tooLongForNotification}. Make it shorter, or configure a table`;
    throw new AttemptFailure('rejected', reason);
  }
  return { text: 'SELECT pg_catalog.pg_notify($1, $2)', values: [channel, payload] };
}
