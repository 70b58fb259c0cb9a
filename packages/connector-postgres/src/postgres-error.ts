import { ConnectorError, type ConnectorErrorCode } from '@aftercommit/runtime-adapter';
import type { EndpointPlace } from './postgres-task.js';

/** What was being done, for which materialization, in which database: the first half of every message. */
export type Doing = EndpointPlace & { readonly what: string };

/** The connector error of what a statement ended with, before any COMMIT: nothing was changed. */
export function connectorErrorOf(error: unknown, doing: Doing): unknown {
  if (!(error instanceof Error)) return error;
  const { code, advice } = explain(error);
  return new ConnectorError(
    code,
    `${sentence(doing)}: ${reasonOf(error)}. Nothing was changed. ${advice}`,
    withCause(error),
  );
}

/** The connector error of a COMMIT that failed: unless the server refused it, it may have taken place. */
export function commitErrorOf(error: unknown, doing: Doing): unknown {
  if (!(error instanceof Error)) return error;
  const isRefused = isServerError(error) && /^(0A|22|23|25|40|42|44|54|P0)/.test(error.code);
  return isRefused ? connectorErrorOf(error, doing) : unknownOutcome(error, doing);
}

/** A COMMIT without an answer that can be believed. */
export function unknownOutcome(cause: { message?: string | undefined }, doing: Doing): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_UNAVAILABLE',
    `${sentence(doing)}: committing ended with ${reasonOf(cause)}, and the outcome is unknown: the database may hold the ` +
      'transaction or not. Start again: what is there is read first.',
    { cause },
  );
}

export function sentence({ what, materialization, database }: Doing): string {
  return `${materialization}: cannot ${what} ${database}`;
}

/** An error that the server reported. */
type ServerError = Error & { code: string; severity: string };

export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}

/** What the server says of values can quote them: of such an error only the code is told. */
function mayQuoteData(error: object): boolean {
  return isServerError(error) && /^(22|23|P0|38|39)/.test(error.code);
}

function reasonOf(error: { message?: string | undefined }): string {
  const code = codeOf(error);
  if (mayQuoteData(error)) return `the server refuses a row (${code})`;
  const reason = (error.message ?? '').replace(/[.\s]+$/, '');
  return code === '' || reason.includes(code) ? reason : `${reason} (${code})`;
}

function codeOf(error: object): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** An error of a row has the row in its details, and is shown with them wherever causes are. */
function withCause(error: Error): { cause?: unknown } {
  return mayQuoteData(error) ? {} : { cause: error };
}

type Explanation = { code: ConnectorErrorCode; advice: string };

/** By the beginning of the code of an error, the longest first. */
const explanations: ReadonlyArray<readonly [start: string, code: ConnectorErrorCode, advice: string]> = [
  ['57P', 'ENDPOINT_UNAVAILABLE', 'Start again when the server is up.'],
  [
    '57014',
    'ENDPOINT_LOCKED',
    'Somebody cancelled the statement, or it took longer than the server allows: start again.',
  ],
  ['55P03', 'ENDPOINT_LOCKED', 'Another transaction holds a row or the table: end it, then start again.'],
  ['40', 'ENDPOINT_LOCKED', 'Another transaction was in the way: start again.'],
  ['25006', 'ENDPOINT_UNAVAILABLE', 'The server takes no writes: give the address of the primary.'],
  ['25P03', 'ENDPOINT_UNAVAILABLE', 'This process stood still in the middle of a transaction: start again.'],
  ['28', 'ENDPOINT_UNAVAILABLE', 'Check the user and the password, and what the server lets in (pg_hba.conf).'],
  ['3D', 'ENDPOINT_UNAVAILABLE', 'Check the name of the database, or make it.'],
  ['3F', 'ENDPOINT_REFUSED', 'Make the schema, or name another one.'],
  ['42501', 'ENDPOINT_UNAVAILABLE', 'Grant the user the right to make tables in the schema and to write them.'],
  ['42P01', 'ENDPOINT_CORRUPT', 'Somebody changed the tables meanwhile: start again, which makes what is missing.'],
  ['42703', 'ENDPOINT_CORRUPT', 'Somebody changed the tables meanwhile: start again, which makes what is missing.'],
  ['42804', 'ENDPOINT_CORRUPT', 'Somebody changed the type of a column: start again, and see what is said then.'],
  [
    '23',
    'ENDPOINT_REFUSED',
    'A constraint or a trigger that was added to the table refuses a row: remove it, then start again.',
  ],
  ['P0', 'ENDPOINT_REFUSED', 'A trigger that was added to the table refuses a row: remove it, then start again.'],
  ['22', 'ENDPOINT_REFUSED', 'Somebody changed what the table can hold: undo that, then start again.'],
  [
    '54',
    'ENDPOINT_REFUSED',
    'A key or a row is larger than PostgreSQL can keep: use another key, or take the document out.',
  ],
  [
    '0A',
    'ENDPOINT_REFUSED',
    'A view or a rule stands on a column that has to change: drop it, start again, and make it anew.',
  ],
  [
    '2BP01',
    'ENDPOINT_REFUSED',
    'A view or a rule stands on what has to change: drop it, start again, and make it anew.',
  ],
  ['53', 'ENDPOINT_UNAVAILABLE', 'Make room on the disk of the server, or let it have more connections.'],
  ['XX001', 'ENDPOINT_CORRUPT', 'Restore the database from a copy.'],
  ['XX002', 'ENDPOINT_CORRUPT', 'Restore the database from a copy.'],
];

function explain(error: Error): Explanation {
  const { message } = error;
  if (isServerError(error)) {
    const found = explanations.find(([start]) => error.code.startsWith(start));
    if (found !== undefined) return { code: found[1], advice: found[2] };
    return { code: 'ENDPOINT_UNAVAILABLE', advice: 'See what the log of the server says, then start again.' };
  }
  if (message.startsWith('The server does not support SSL')) {
    return {
      code: 'ENDPOINT_UNAVAILABLE',
      advice: 'Turn TLS on there, or write tls: { mode: off }, which sends the password and all rows in plain text.',
    };
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(codeOf(error))) {
    return { code: 'ENDPOINT_UNAVAILABLE', advice: 'Give the authority that signed its certificate as tls.ca.' };
  }
  return { code: 'ENDPOINT_UNAVAILABLE', advice: 'Check the address, and that the server is up, then start again.' };
}
