import { startReceiver } from '@aftercommit/testkit';
import { Client } from 'pg';
import { missingServers, startNatsWithOrders } from '../pages/surroundings.js';
import { startPostgres } from '../servers/postgres-server.js';

/** What examples talk to. */
export type PageServers = {
  /**
   * What the variables are that examples read, such as `HOOK`. The database is another one each time.
   *
   * @param statements What has been made in it. Empty: nothing.
   */
  environment(statements: readonly string[]): Promise<Record<string, string>>;
  stop(): Promise<void>;
};

/** Starts a receiver that accepts everything, a PostgreSQL and a NATS server with a stream. */
export async function startServers(): Promise<PageServers> {
  for (const missing of Object.values(missingServers)) if (missing !== undefined) throw new Error(missing);
  const started = await Promise.allSettled([startReceiver(), startPostgres(), startNatsWithOrders()]);
  const stop = async (): Promise<void> => {
    await Promise.all(
      started.map(async (server) => {
        if (server.status === 'fulfilled') await server.value.stop();
      }),
    );
  };
  const [receiver, postgres, nats] = started;
  if (receiver.status === 'rejected' || postgres.status === 'rejected' || nats.status === 'rejected') {
    await stop();
    throw new AggregateError(started.flatMap((server) => (server.status === 'rejected' ? [server.reason] : [])));
  }
  let databases = 0;
  const environment = async (statements: readonly string[]): Promise<Record<string, string>> => {
    const database = await postgres.value.createDatabase(`page_${databases++}`);
    await query(database, statements);
    return { HOOK: `${receiver.value.url}/hook`, DATABASE_URL: database, NATS_URL: nats.value.url };
  };
  return { environment, stop };
}

async function query(connectionString: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
