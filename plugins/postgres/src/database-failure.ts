import type { DatabaseError } from 'pg';
import { AttemptFailure } from './attempt-failure.js';
import { defaultColumns, type PostgresConfig } from './postgres-config.js';
import { quoted } from './sql-names.js';

/** Of what the server says, enough to understand it. In characters. */
const longestQuote = 300;

/** Classes of errors (the first two digits of SQLSTATE) that come again until somebody changes something. */
const lasting = ['0A', '22', '23', '28', '3D', '3F', '42', '44', '54', 'P0'];

type Advise = (config: PostgresConfig) => string;

const keyColumn = ({ columns }: PostgresConfig): string => columns?.idempotencyKey ?? defaultColumns.idempotencyKey;
const checkColumns: Advise = () => 'Check the table and columns';

/** What to do, by SQLSTATE, or by its class. */
const advice: Record<string, Advise> = {
  '42P01': () => 'Create the table, or correct table',
  '3F000': () => 'Create the schema, or correct table',
  '42703': checkColumns,
  '42804': checkColumns,
  '42501': ({ user }) => `Let ${user} insert into the table, and read its key column`,
  '42P10': (config) =>
    `The key column needs a unique index of its own: CREATE UNIQUE INDEX ON ${config.table} (${quoted(keyColumn(config))})`,
  '23505': () => 'Another column than the key is unique as well',
  '22P05': () => 'Make the payload column json or text: jsonb does not take every JSON',
  '22': () => 'The type of a column does not take its value',
  '23': () => 'A constraint of the table does not allow the row',
  '28': () => 'Check user and password, and what pg_hba.conf allows',
  '3D': () => 'Create the database, or correct database',
  P0: () => 'A trigger of the table refused the row',
};

/**
 * What follows from an error that the server told. Of what it said only code and message are used: the detail, and what
 * a message quotes at its end, can be the payload.
 */
export function databaseFailure(
  { code = '', message }: DatabaseError,
  config: PostgresConfig,
  where: string,
): AttemptFailure {
  const text = code.startsWith('22') ? withoutValue(message) : message;
  const said = `${where} said: ${shortened(text)} (${code})`;
  if (!isLasting(code, config)) return new AttemptFailure('retry', said);
  const advise = advice[code] ?? advice[code.slice(0, 2)];
  return new AttemptFailure('rejected', advise === undefined ? said : `${said}. ${advise(config)}`);
}

function isLasting(code: string, { channel }: PostgresConfig): boolean {
  // A queue of notifications that is full becomes empty when its listeners read.
  return lasting.includes(code.slice(0, 2)) && !(code === '54000' && channel !== undefined);
}

/** What stands before the value that a message about a value quotes, in whichever language it is. */
function withoutValue(message: string): string {
  return (message.split(/[:："'«„“”‘「]/)[0] ?? '').trim();
}

function shortened(text: string): string {
  return text.length <= longestQuote ? text : `${text.slice(0, longestQuote)}…`;
}
