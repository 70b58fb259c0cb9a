import { WriteBatch } from '@aftercommit/persistence';
import {
  type DeliveryRecord,
  type DoneRecord,
  type ParkedRecord,
  placeBehind,
  type StoredOutbox,
  taskKeys,
} from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { materialization, triggerConfig, windowOf } from '../test/delivery-bench.js';
import { now, Task } from '../test/outbox-bench.js';
import { untried } from './delivery-round.js';
import { idempotencyKey } from './idempotency-key.js';

function docs(outbox: StoredOutbox | undefined): number[] {
  return (outbox?.windows ?? []).map(({ window }) => window.docs_total);
}

function parkedOf(number: number): ParkedRecord {
  return {
    idempotencyKey: idempotencyKey(materialization, 'one', windowOf(number).run_id),
    window: windowOf(number),
    parkedAt: now,
    failingSinceAt: now,
    attempts: 3,
    outcome: 'exhausted',
    reason: 'HTTP 503',
  };
}

function doneOf(number: number): DoneRecord {
  return { ended: 'delivered', at: now, attempts: 1, docsTotal: number };
}

const failed: DeliveryRecord = {
  rounds: 1,
  attempts: 2,
  notBeforeAt: now + 8_000,
  waitMs: 8_000,
  failingSinceAt: now - 1,
  reason: 'HTTP 503',
};

describe('opening outboxes', () => {
  it('gives every new trigger an empty one of its name', async () => {
    const task = new Task();
    const { outboxes, withoutPartner } = await task.open([
      ...triggerConfig('a', { name: 'one' }),
      ...triggerConfig('b'),
    ]);
    expect(outboxes.map(({ outbox }) => [outbox.id, outbox.about.name, outbox.about.nameConfigured])).toEqual([
      ['000001', 'one', true],
      ['000002', expect.stringMatching(/^scripted-b-[0-9a-f]{8}$/), false],
    ]);
    expect(withoutPartner).toEqual([]);
  });

  it('lets a partner take over everything', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await task.add('000001', 1, 2);
    await task.put(taskKeys.delivery('000001'), failed);
    await task.put(taskKeys.lastFired('000001'), { at: now - 5, runId: windowOf(1).run_id });
    const [before] = await task.stored();
    const { outboxes } = await task.open(triggerConfig('a', { name: 'renamed', interval: '1h' }));
    expect(outboxes[0]?.outbox).toEqual({ ...before, about: { ...before?.about, name: 'renamed' } });
  });

  it('keeps the keys that windows were added with when their trigger is renamed', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.add('000001', 1);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'two' }), 2);
    expect(outboxes[0]?.outbox.windows[0]?.idempotencyKey).toBe(
      idempotencyKey(materialization, 'one', windowOf(1).run_id),
    );
  });

  it('removes an empty one that lost its partner, with all its keys', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await task.put(taskKeys.lastFired('000001'), { at: now - 3_600_000 });
    await task.put(taskKeys.done('000001', windowOf(1).run_id), doneOf(1));
    await task.open([]);
    expect(await task.keys()).toEqual([taskKeys.lastOutbox]);
  });

  it('never gives the id of one that is gone to another', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.open([]);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one' }));
    expect(outboxes.map(({ outbox }) => outbox.id)).toEqual(['000002']);
  });

  it('names the outboxes that are given a window that the endpoint brought along', async () => {
    const task = new Task();
    await task.open([...triggerConfig('a', { name: 'one' }), ...triggerConfig('b', { name: 'two' })]);
    const triggers = [...triggerConfig('a', { name: 'one' }), ...triggerConfig('c', { name: 'three' })];
    expect((await task.open(triggers, 1)).adoptedBy).toEqual(['000001', '000002', '000003']);
    expect((await task.open(triggers, 2)).adoptedBy).toEqual(['000001', '000003']);
    expect((await task.open(triggers, 2)).adoptedBy).toEqual([]);
    expect((await task.open(triggers)).adoptedBy).toEqual([]);
  });

  it('keeps one that lost its partner for the sake of what is parked in it', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.put(taskKeys.parked('000001', windowOf(1).run_id), parkedOf(1));
    const { withoutPartner } = await task.open([]);
    expect(withoutPartner).toMatchObject([{ windows: [], parked: [parkedOf(1)] }]);
    const { outboxes } = await task.open(triggerConfig('b', { name: 'one', interval: '1h' }));
    expect(outboxes[0]?.outbox).toMatchObject({ windows: [], delivery: undefined, parked: [parkedOf(1)] });
  });

  it('keeps one that lost its partner while it holds something, and gives it back by name', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.add('000001', 1);
    const removed = await task.open(triggerConfig('b', { name: 'two' }));
    expect(removed.withoutPartner.map(({ about }) => [about.name, about.hasPartner])).toEqual([['one', false]]);
    await task.open(triggerConfig('b', { name: 'two' }));
    const returned = await task.open(triggerConfig('elsewhere', { name: 'one' }));
    expect(docs(returned.outboxes[0]?.outbox)).toEqual([1]);
    expect(returned.outboxes[0]?.outbox.about.hasPartner).toBe(true);
  });

  it('renames only those whose name a trigger has now, and finds them again', async () => {
    const task = new Task();
    const both = [...triggerConfig('a'), ...triggerConfig('a', { name: 'two', payloadTemplate: '[2]' })];
    const name = (await task.open(both)).outboxes[0]?.trigger.name ?? '';
    await task.add('000001', 1);
    await task.add('000002', 2);
    const left = triggerConfig('a', { payloadTemplate: '[2]' });
    const { outboxes, withoutPartner } = await task.open([
      ...left,
      ...triggerConfig('b', { name: `${name}-2` }),
      ...triggerConfig('b', { name: 'other' }),
    ]);
    expect(outboxes.map(({ outbox }) => [outbox.about.name, docs(outbox)])).toEqual([
      [name, [2]],
      [`${name}-2`, []],
      ['other', []],
    ]);
    expect(withoutPartner.map((outbox) => [outbox.about.name, docs(outbox)])).toEqual([[`${name}-3`, [1]]]);
    const returned = await task.open(both);
    expect(returned.outboxes.map(({ outbox }) => [outbox.id, outbox.about.name])).toEqual([
      ['000001', name],
      ['000002', 'two'],
    ]);
    expect(returned.withoutPartner).toEqual([]);
  });
});

describe('a window that only the endpoint knew', () => {
  it('reaches every trigger and the outbox that lost its partner in this opening', async () => {
    const task = new Task();
    await task.open([...triggerConfig('a', { name: 'one' }), ...triggerConfig('b', { name: 'two' })]);
    await task.add('000001', 1);
    const opened = await task.open(
      [...triggerConfig('b', { name: 'two' }), ...triggerConfig('c', { name: 'three' })],
      2,
    );
    expect(opened.outboxes.map(({ trigger, outbox }) => [trigger.name, docs(outbox)])).toEqual([
      ['two', [2]],
      ['three', [2]],
    ]);
    expect(opened.withoutPartner.map(docs)).toEqual([[1, 2]]);
  });

  it('keeps an outbox that was empty, and is no window of one that had no partner before', async () => {
    const task = new Task();
    await task.open([...triggerConfig('a', { name: 'one' }), ...triggerConfig('b', { name: 'two' })]);
    await task.add('000001', 1);
    await task.open(triggerConfig('b', { name: 'two' }));
    const opened = await task.open([], 2);
    expect(opened.withoutPartner.map((outbox) => [outbox.about.name, docs(outbox)])).toEqual([
      ['one', [1]],
      ['two', [2]],
    ]);
  });

  it('has a key of its own in every outbox, also where a new trigger is called what another one was', async () => {
    const task = new Task();
    const { outboxes } = await task.open(triggerConfig('a'));
    const name = outboxes[0]?.trigger.name;
    const opened = await task.open(
      [...triggerConfig('a', { name: 'two' }), ...triggerConfig('a', { payloadTemplate: '[2]' })],
      1,
    );
    expect(opened.outboxes.map(({ trigger, outbox }) => [trigger.name, outbox.id, docs(outbox)])).toEqual([
      ['two', '000001', [1]],
      [name, '000002', [1]],
    ]);
    const [first, second] = opened.outboxes.map(({ outbox }) => outbox.windows[0]?.idempotencyKey);
    expect(first).toBe(idempotencyKey(materialization, name ?? '', windowOf(1).run_id));
    expect(second).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(second).not.toBe(first);
  });

  it('is met by an unnamed trigger whose target was corrected meanwhile', async () => {
    const task = new Task();
    await task.open(triggerConfig('a'));
    const opened = await task.open(triggerConfig('b'), 1);
    expect(opened.outboxes.map(({ outbox }) => [outbox.id, docs(outbox)])).toEqual([['000001', [1]]]);
  });

  it('is added once, also when the store knows it already', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.add('000001', 1);
    expect(docs((await task.open(triggerConfig('a', { name: 'one' }), 1)).outboxes[0]?.outbox)).toEqual([1]);
  });

  it('is not added where it is parked already', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.put(taskKeys.parked('000001', windowOf(1).run_id), parkedOf(1));
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one' }), 1);
    expect(docs(outboxes[0]?.outbox)).toEqual([]);
  });

  it('queues behind one that was replayed, too', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await task.add('000001', 5);
    const place = placeBehind(windowOf(5).run_id);
    const { idempotencyKey: key, window } = parkedOf(1);
    const replayed = { idempotencyKey: key, window, replayed: true };
    await task.write(new WriteBatch().put(taskKeys.window('000001', place), replayed));
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one', interval: '1h' }), 3);
    expect(docs(outboxes[0]?.outbox)).toEqual([5, 1, 3]);
  });

  it('queues behind a delivery that is being tried, however old its run id is', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await task.add('000001', 5);
    await task.put(taskKeys.delivery('000001'), failed);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one', interval: '1h' }), 3);
    expect(docs(outboxes[0]?.outbox)).toEqual([5, 3]);
    const reopened = await task.open(triggerConfig('a', { name: 'one', interval: '1h' }), 3);
    expect(docs(reopened.outboxes[0]?.outbox)).toEqual([5, 3]);
    expect(reopened.outboxes[0]?.outbox.windows[1]?.window.run_id).toBe(windowOf(3).run_id);
  });
});

describe('a delivery in an outbox', () => {
  it('stays one when its trigger gets an interval, though it may never have been attempted', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.add('000001', 1, 2);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    expect(outboxes[0]?.outbox.delivery).toEqual(untried);
    expect(outboxes[0]?.outbox.about.intervalMs).toBe(3_600_000);
  });

  it('stays one when the trigger was away in between', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.add('000001', 1);
    await task.open([]);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    expect(outboxes[0]?.outbox.delivery).toEqual(untried);
  });

  it('is none yet when what waits has waited for an interval all along', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await task.add('000001', 1, 2);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one', interval: '2h' }));
    expect(outboxes[0]?.outbox.delivery).toBeUndefined();
  });

  it.each([
    ['target', { target: 'b' }],
    ['template', { payloadTemplate: '[1]' }],
    ['timeout', { timeout: '1s' }],
    ['maxAttempts', { maxAttempts: 9 }],
    ['interval', { interval: '1h' }],
    ['onFailure', { onFailure: 'park' }],
  ])('need not wait any longer when its %s was changed', async (_field, change) => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.add('000001', 1);
    await task.put(taskKeys.delivery('000001'), failed);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one', ...change }));
    expect(outboxes[0]?.outbox.delivery).toEqual({ ...failed, notBeforeAt: null, waitMs: 0 });
  });

  it('need not wait any longer when a person says so', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one' }));
    await task.add('000001', 1);
    await task.put(taskKeys.delivery('000001'), failed);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one' }), undefined, now, true);
    expect(outboxes[0]?.outbox.delivery).toEqual({ ...failed, notBeforeAt: null, waitMs: 0 });
  });

  it.each([
    ['nothing', {}],
    ['a secret', { token: 'another' }],
    ['its name', { name: 'renamed' }],
  ])('waits on when %s was changed', async (_what, change) => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one', token: 'first' }));
    await task.add('000001', 1);
    await task.put(taskKeys.delivery('000001'), failed);
    const { outboxes } = await task.open(triggerConfig('a', { name: 'one', token: 'first', ...change }));
    expect(outboxes[0]?.outbox.delivery).toEqual(failed);
  });
});

describe('last-fired', () => {
  it('in the future is replaced, durably, by now', async () => {
    const task = new Task();
    await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    await task.put(taskKeys.lastFired('000001'), { at: now + 86_400_000 });
    await task.open(triggerConfig('a', { name: 'one', interval: '1h' }));
    expect((await task.stored())[0]?.lastFired).toEqual({ at: now });
    // A later opening measures from then, and not from its own now.
    await task.open(triggerConfig('a', { name: 'one', interval: '1h' }), undefined, now + 60_000);
    expect((await task.stored())[0]?.lastFired).toEqual({ at: now });
  });
});
