import { startReceiver } from '@aftercommit/testkit';
import { missingServers, startNatsWithOrders } from '../pages/surroundings.js';
import { startPostgres } from '../servers/postgres-server.js';

/** What examples talk to. */
export type PageServers = {
  /** What the variables are that examples read, such as `HOOK`. The database is an empty one each time. */
  environment(): Promise<Record<string, string>>;
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
  const environment = async (): Promise<Record<string, string>> => ({
    HOOK: `${receiver.value.url}/hook`,
    DATABASE_URL: await postgres.value.createDatabase(`page_${databases++}`),
    NATS_URL: nats.value.url,
  });
  return { environment, stop };
}
