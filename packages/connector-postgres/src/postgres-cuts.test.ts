import { MemoryStore, type Store } from '@aftercommit/persistence';
import { PostgresStore } from '@aftercommit/persistence-postgres';
import { materialize } from '@aftercommit/runtime-adapter';
import { CrashPoints } from '@aftercommit/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingPostgres, type PostgresServer, startPostgres } from '../../../tests/servers/postgres-server.js';
import { type CuttingProxy, startCuttingProxy } from '../test/cutting-proxy.js';
import { OrdersStory } from '../test/orders-story.js';

// Every request of a run, instead of some: AFTERCOMMIT_CUTS=all npx -y pnpm@12 vitest run packages/connector-postgres
const stride = process.env['AFTERCOMMIT_CUTS'] === 'all' ? 1 : 4;
const first = 1 + (Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now()) % stride);

let server: PostgresServer;
let reader: Client;
let proxy: CuttingProxy;
let schemas = 0;

async function newStory(store: Store): Promise<OrdersStory> {
  schemas += 1;
  await reader.query(`CREATE SCHEMA story_${schemas}`);
  return new OrdersStory(store, `story_${schemas}`);
}

/** How many requests a connector makes that is not cut off. */
async function requestsOf(store: Store): Promise<number> {
  proxy.cutAt(undefined);
  const story = await newStory(store);
  await story.run(proxy.port);
  await story.assertAllOnce(reader);
  return proxy.requests;
}

describe.skipIf(missingPostgres !== undefined)('a PostgreSQL endpoint', () => {
  let stores: Record<'in its database' | 'elsewhere', Store>;

  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' });
    reader = new Client({ connectionString: server.url });
    await reader.connect();
    proxy = await startCuttingProxy(server.port);
    stores = { 'in its database': await PostgresStore.open(server.url), elsewhere: new MemoryStore() };
  });
  afterAll(async () => {
    await proxy.close();
    await stores['in its database'].close();
    await reader.end();
    await server.stop();
  });

  test.each(['in its database', 'elsewhere'] as const)(
    `loses nothing and doubles nothing when its connection is cut, with a store %s (from request ${first})`,
    async (where) => {
      const store = stores[where];
      const requests = await requestsOf(store);
      expect(requests).toBeGreaterThan(20);
      for (let request = first; request <= requests; request += stride) {
        for (const lost of ['request', 'reply'] as const) {
          const story = await newStory(store);
          proxy.cutAt({ request, lost });
          await expect(story.run(proxy.port), `request ${request}, lost ${lost}`).rejects.toMatchObject({
            // Whoever was at work on the connection says so: the endpoint, or the store, whose batch is in the same transaction.
            code: expect.stringMatching(/^(?:ENDPOINT|STORE)_UNAVAILABLE$/),
          });
          proxy.cutAt(undefined);
          await story.run(proxy.port);
          await story.assertAllOnce(reader);
        }
      }
    },
  );

  test('loses nothing and doubles nothing when the process dies before or after any step of its second transaction', async () => {
    const store = stores['in its database'];
    const counting = new CrashPoints();
    await materialize(counting.materialization((await newStory(store)).options(server.port)));
    for (const [point, occurrences] of counting.reached) {
      const story = await newStory(store);
      await new Promise<void>((resolve) => {
        const points = new CrashPoints({ at: { point, occurrence: Math.min(2, occurrences) }, die: resolve });
        void materialize(points.materialization(story.options(server.port)));
      });
      await story.run(server.port);
      await story.assertAllOnce(reader);
    }
  });
});
