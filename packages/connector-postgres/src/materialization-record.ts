import type { Json } from '@aftercommit/models';
import { ConnectorError, type RuntimeCheckpointValue } from '@aftercommit/runtime-adapter';
import type { Queries } from './endpoint-connection.js';
import type { EndpointPlace } from './postgres-task.js';
import { ownTable } from './schema.js';

/** Which session of which materialization writes. */
export type Fence = EndpointPlace & { readonly epoch: bigint };

/**
 * Fences every session of a lower epoch, after it has waited for the commit of one that is under way. Returns the runtime
 * checkpoint that is there; undefined: none. Throws `ENDPOINT_FENCED` if this one is the lower.
 */
export async function raiseFence(queries: Queries, fence: Fence): Promise<Json | undefined> {
  const { materialization, schema, epoch } = fence;
  const { rows } = await queries.query<{ runtime_checkpoint: string | null }>(
    `INSERT INTO ${ownTable(schema, 'materialization')} AS found (materialization, epoch) VALUES ($1, $2)
      ON CONFLICT (materialization) DO UPDATE SET epoch = excluded.epoch WHERE found.epoch <= excluded.epoch
      RETURNING runtime_checkpoint`,
    [materialization, epoch],
  );
  if (rows[0] === undefined) throw fencedError(fence, await storedEpoch(queries, fence));
  const text = rows[0].runtime_checkpoint;
  return text === null ? undefined : parseCheckpoint(text, fence);
}

/** I6, without waiting for anybody: spares an overtaken session the work. What counts is the write in the end. */
export async function assertHeld(queries: Queries, fence: Fence): Promise<void> {
  const stored = await storedEpoch(queries, fence);
  if (stored !== fence.epoch) throw fencedError(fence, stored);
}

/**
 * I6: the last statement of what changes the endpoint, so that its row is locked for a moment only. Throws `ENDPOINT_FENCED`
 * unless the epoch is still this one, and the transaction is rolled back.
 *
 * @param runtimeCheckpoint What is committed. Undefined: the one that is there stays.
 */
export async function writeFenced(
  queries: Queries,
  fence: Fence,
  runtimeCheckpoint?: RuntimeCheckpointValue,
): Promise<void> {
  const { materialization, schema, epoch } = fence;
  const { rowCount } = await queries.query(
    `UPDATE ${ownTable(schema, 'materialization')} SET runtime_checkpoint = coalesce($3, runtime_checkpoint)
      WHERE materialization = $1 AND epoch = $2`,
    [materialization, epoch, runtimeCheckpoint === undefined ? null : JSON.stringify(runtimeCheckpoint)],
  );
  if (rowCount !== 1) throw fencedError(fence, await storedEpoch(queries, fence));
}

async function storedEpoch({ query }: Queries, { materialization, schema }: Fence): Promise<bigint | undefined> {
  const { rows } = await query<{ epoch: string }>(
    `SELECT epoch FROM ${ownTable(schema, 'materialization')} WHERE materialization = $1`,
    [materialization],
  );
  return rows[0] === undefined ? undefined : BigInt(rows[0].epoch);
}

/** Throws `ENDPOINT_CORRUPT`, without the text: there may be document data in it. */
function parseCheckpoint(text: string, { materialization, database }: Fence): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ConnectorError(
      'ENDPOINT_CORRUPT',
      `${materialization}: its runtime checkpoint in ${database} cannot be read: somebody changed it. Restore it from a copy.`,
    );
  }
}

function fencedError({ materialization, database }: Fence, stored: bigint | undefined): ConnectorError {
  const found =
    stored === undefined
      ? `the record of the materialization was removed from ${database}. This session changes nothing any more: start again.`
      : `a later session was opened on ${database}. This one changes nothing any more: let the other one run.`;
  const seen = stored === undefined ? {} : { epoch: stored };
  return new ConnectorError('ENDPOINT_FENCED', `${materialization}: ${found}`, seen);
}
