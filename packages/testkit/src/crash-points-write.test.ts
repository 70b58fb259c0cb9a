import { WriteBatch } from '@aftercommit/persistence';
import { taskKeys } from '@aftercommit/persistence/records';
import { expect, test } from 'vitest';
import { writeName } from './crash-points-write.js';

const runId = '2024-06-15T12:30:00.000000Z';
const id = '000001';

const table: Array<[string, WriteBatch]> = [
  [
    'opening-write',
    new WriteBatch()
      .put(taskKeys.outbox(id), {})
      .put(taskKeys.commit(2), {})
      .put(taskKeys.window(id, runId), {})
      .put(taskKeys.delivery(id), {})
      .put(taskKeys.lastFired(id), {})
      .put(taskKeys.largestKey(['weather']), {}),
  ],
  ['keep-write', new WriteBatch().put(taskKeys.largestKey(['weather']), {})],
  ['keep-write', new WriteBatch().put(taskKeys.connectorState, {})],
  [
    'commit-write',
    new WriteBatch()
      .put(taskKeys.commit(2), {})
      .delete(taskKeys.commit(1))
      .put(taskKeys.window(id, runId), {})
      .put(taskKeys.connectorState, {}),
  ],
  [
    'take-write',
    new WriteBatch()
      .delete(taskKeys.window(id, `${runId}~00000001`))
      .put(taskKeys.window(id, runId), {})
      .put(taskKeys.delivery(id), {})
      .put(taskKeys.lastFired(id), {}),
  ],
  ['failure-write', new WriteBatch().put(taskKeys.delivery(id), {})],
  [
    'clear-write',
    new WriteBatch().put(taskKeys.done(id, runId), {}).delete(taskKeys.window(id, runId)).delete(taskKeys.delivery(id)),
  ],
  [
    'park-write',
    new WriteBatch()
      .put(taskKeys.parked(id, runId), {})
      .delete(taskKeys.window(id, runId))
      .delete(taskKeys.delivery(id)),
  ],
  [
    'unite-write',
    new WriteBatch().delete(taskKeys.window(id, `${runId}~00000001`)).put(taskKeys.window(id, runId), {}),
  ],
  [
    'answer-write',
    new WriteBatch()
      .delete(`${taskKeys.mailbox}0000000000000001`)
      .delete(taskKeys.parked(id, runId))
      .put(taskKeys.window(id, runId), {}),
  ],
  ['write', new WriteBatch()],
  ['write', new WriteBatch().put(taskKeys.lastRun, {})],
  ['write', new WriteBatch().put('my-own/key', {}).put('outbox/about', {})],
];

test.each(table)('a write is a %s by its keys', (name, batch) => {
  expect(writeName(batch)).toBe(name);
});
