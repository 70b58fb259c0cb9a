import type { Json } from '@aftercommit/models';
import type { OpenConnector } from '@aftercommit/runtime-adapter';
import { isTableEmpty } from './database-table.js';
import { EndpointConnection } from './endpoint-connection.js';
import { EndpointSession } from './endpoint-session.js';
import { type Fence, raiseFence, writeFenced } from './materialization-record.js';
import { type PostgresTask, type WarnOnce, warnOnce } from './postgres-task.js';
import { prepareTables } from './prepare-tables.js';
import { prepareSchema } from './schema.js';
import { isHeldHere } from './store-here.js';
import type { WantedTable } from './table-record.js';
import { wantedTables } from './wanted-tables.js';

/** A session, and what it found. */
export type OpenedEndpoint = {
  session: EndpointSession;
  runtimeCheckpoint: Json | undefined;
  newBindings: ReadonlySet<number>;
  /** Tables that the first acknowledge has to make anew. */
  replaced: readonly WantedTable[];
  /** Whether the store is in this database. */
  isStoreHere: boolean;
};

/**
 * Connects, and does all that `Connector.open` has to. Nothing is taken away: the runtime may still refuse to go on.
 *
 * The fence is raised in a transaction of its own. Whoever held it while tables are changed would wait for an overtaken session
 * that writes to them, and that one for the fence.
 */
export async function openEndpoint(
  task: PostgresTask,
  { epoch, fence: storeFence }: OpenConnector,
  signal: AbortSignal,
): Promise<OpenedEndpoint> {
  const connection = await EndpointConnection.open(task, signal);
  const close = (): void => connection.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    const fence = { ...connection.place, epoch };
    const wanted = wantedTables(task, fence);
    const runtimeCheckpoint = await connection.transaction('open', async (queries) => {
      await prepareSchema(queries, fence);
      return await raiseFence(queries, fence);
    });
    const warn = warnOnce(task);
    const tables = await prepare(connection, fence, wanted, warn);
    const isStoreHere =
      storeFence !== undefined &&
      (await connection.transaction('open', (queries) => isHeldHere(queries, storeFence, task.config.stateSchema)));
    const session = new EndpointSession(connection, fence, wanted, warn);
    return { session, runtimeCheckpoint, ...tables, isStoreHere };
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

async function prepare(
  connection: EndpointConnection,
  fence: Fence,
  wanted: readonly WantedTable[],
  warn: WarnOnce,
): Promise<Pick<OpenedEndpoint, 'replaced' | 'newBindings'>> {
  return await connection.transaction('open', async (queries) => {
    const replaced = await prepareTables(queries, fence, wanted, warn);
    const newBindings = new Set<number>();
    for (const [binding, table] of wanted.entries()) {
      if (replaced.includes(table) || (await isTableEmpty(queries, table))) newBindings.add(binding);
    }
    await writeFenced(queries, fence);
    return { replaced, newBindings };
  });
}
