import type { JsonObject } from '@aftercommit/models';
import { expect, test } from 'vitest';
import { materialization, SessionBench } from '../test/session-bench.js';

/** Every warning of a session, as a program reads it. */
function collected(): { fields: Array<JsonObject | undefined>; logger: { info(): void; warn: Warn } } {
  const fields: Array<JsonObject | undefined> = [];
  return { fields, logger: { info() {}, warn: (_message, told) => void fields.push(told) } };
}

type Warn = (message: string, fields?: JsonObject) => void;

test('a warning of an outbox without a trigger has its name and what it holds among its fields', async () => {
  const bench = new SessionBench();
  const before = await bench.open(['a', 'b']);
  await bench.transact(before, 1);
  await before.close();
  const { fields, logger } = collected();
  const session = await bench.open(['b'], { environment: { clock: bench.clock, logger } });
  expect(fields).toEqual([{ materialization, outbox: 'a', waiting: 1, parked: 0 }]);
  await session.close();
});

test('a warning of a message that nobody could follow has its task, and its trigger if it has one', async () => {
  const bench = new SessionBench();
  const { fields, logger } = collected();
  const session = await bench.open(['a'], { environment: { clock: bench.clock, logger } });
  await bench.store.request(materialization, { request: 'replay', outbox: 'a', keys: ['msg_unknown'] });
  await bench.store.request(materialization, { request: 'replay', outbox: 'nobody', keys: 'all' });
  await bench.acknowledge(session);
  await bench.clock.advance(0);
  expect(fields).toContainEqual({ materialization, trigger: 'a' });
  expect(fields).toContainEqual({ materialization });
  await session.close();
});
