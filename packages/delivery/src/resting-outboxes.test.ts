import type { TriggerConfig } from '@aftercommit/models';
import { WriteBatch } from '@aftercommit/persistence';
import { taskKeys } from '@aftercommit/persistence/records';
import { seededRandom } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { triggerConfig, windowOf } from '../test/delivery-bench.js';
import { now, Task } from '../test/outbox-bench.js';

const hour = 3_600_000;

function hourly(name: string, target = 'a'): TriggerConfig[] {
  return triggerConfig(target, { name, interval: '1h' });
}

/** A trigger of this name, without an interval, beside which others come and go. */
const other = triggerConfig('z', { name: 'other' });

async function open(task: Task, config: TriggerConfig[], at: number) {
  return await task.open(config, undefined, at);
}

/** A task whose trigger `one` delivered everything, the last of it at `firedAt`. */
async function fired(config: TriggerConfig[] = hourly('one'), firedAt = now): Promise<Task> {
  const task = new Task();
  await open(task, [...config, ...other], firedAt);
  await task.put(taskKeys.lastFired('000001'), { at: firedAt, runId: windowOf(1).run_id });
  return task;
}

async function idsOf(task: Task): Promise<string[]> {
  return (await task.stored()).map(({ id }) => id);
}

describe('an empty outbox without partner', () => {
  it('is kept until its interval is over, and told to nobody', async () => {
    const task = await fired();
    const opened = await open(task, other, now + hour - 1);
    expect(opened.withoutPartner).toEqual([]);
    expect(await idsOf(task)).toEqual(['000001', '000002']);
    await open(task, other, now + hour);
    expect(await idsOf(task)).toEqual(['000002']);
    expect((await task.keys()).filter((key) => key.includes('000001'))).toEqual([]);
  });

  it.each([
    ['of its name', hourly('one', 'elsewhere')],
    ['of its name with another interval', triggerConfig('a', { name: 'one', interval: '5h' })],
  ])('goes on when a trigger %s returns, with the time it last fired', async (_what, config) => {
    const task = await fired();
    await open(task, other, now + 1);
    const { outboxes } = await open(task, [...other, ...config], now + 2);
    expect(outboxes[1]?.outbox).toMatchObject({ id: '000001', lastFired: { at: now }, about: { hasPartner: true } });
  });

  it('goes on when its unnamed trigger returns', async () => {
    const config = triggerConfig('a', { interval: '1h' });
    const task = await fired(config);
    await open(task, other, now + 1);
    const { outboxes } = await open(task, [...other, ...config], now + 2);
    expect(outboxes.map(({ outbox }) => outbox.id)).toEqual(['000002', '000001']);
  });

  it('does not come before the outbox that holds its windows, when a corrected target is taken back', async () => {
    const config = triggerConfig('a', { interval: '1h' });
    const task = await fired(config);
    // The target is corrected, which empties nothing: the trigger starts anew, and then has something to deliver.
    await open(task, [...triggerConfig('b', { interval: '1h' }), ...other], now + 1);
    await task.put(taskKeys.window('000003', windowOf(2).run_id), { idempotencyKey: 'msg_2', window: windowOf(2) });
    const { outboxes, withoutPartner } = await open(task, [...config, ...other], now + 2);
    expect(outboxes.map(({ outbox }) => outbox.id)).toEqual(['000003', '000002']);
    expect(withoutPartner).toEqual([]);
    expect(await idsOf(task)).toEqual(['000002', '000003']);
  });

  it('lets hosts take turns, one of which has not its trigger', async () => {
    const task = await fired();
    for (let turn = 1; turn < 6; turn += 1) {
      await open(task, other, now + turn * 2);
      const { outboxes } = await open(task, [...hourly('one'), ...other], now + turn * 2 + 1);
      expect(outboxes.map(({ outbox }) => [outbox.id, outbox.lastFired?.at])).toEqual([
        ['000001', now],
        ['000002', undefined],
      ]);
    }
  });

  it.each([
    ['never fired', async (task: Task) => await task.write(new WriteBatch().delete(taskKeys.lastFired('000001')))],
    [
      'ran without an interval at last',
      async (task: Task) => void (await open(task, [...triggerConfig('a', { name: 'one' }), ...other], now)),
    ],
  ])('is removed at once when it %s', async (_what, happens) => {
    const task = await fired();
    await happens(task);
    await open(task, other, now + 1);
    expect(await idsOf(task)).toEqual(['000002']);
  });

  it('rests at most one interval when the clock was stepped back', async () => {
    const task = await fired(hourly('one'), now + 48 * hour);
    await open(task, other, now);
    expect((await task.stored())[0]?.lastFired?.at).toBe(now);
    await open(task, other, now + hour / 2);
    expect(await idsOf(task)).toEqual(['000001', '000002']);
    await open(task, other, now + hour);
    expect(await idsOf(task)).toEqual(['000002']);
  });

  it('is given no window that the endpoint brings along', async () => {
    const task = await fired();
    await open(task, other, now + 1);
    const opened = await task.open(other, 2, now + 2);
    expect(opened.adoptedBy).toEqual(['000002']);
  });

  it('is kept as before when it held something until now', async () => {
    const task = await fired();
    await task.add('000001', 1);
    const [before] = (await open(task, other, now + 1)).withoutPartner;
    expect(before?.windows).toHaveLength(1);
    await task.write(new WriteBatch().delete(taskKeys.window('000001', windowOf(1).run_id)));
    expect((await open(task, other, now + 2)).withoutPartner).toEqual([]);
    expect(await idsOf(task)).toEqual(['000001', '000002']);
  });
});

describe('empty outboxes without partner', () => {
  /** A configuration that is written anew all the time, each time with other names. */
  async function editOften(task: Task, times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const { outboxes } = await open(task, [...hourly(`edit-${time}`), ...other], now + time);
      const id = outboxes[0]?.outbox.id ?? '';
      await task.put(taskKeys.lastFired(id), { at: now + time, runId: windowOf(1).run_id });
      // As it is between two edits: a trigger of another name would take over its outbox otherwise.
      await open(task, other, now + time);
    }
  }

  it('are a hundred at most, and those that fired longest ago go first', async () => {
    const task = new Task();
    await editOften(task, 130);
    const resting = (await task.stored()).filter(({ about }) => !about.hasPartner);
    expect(resting.map(({ about }) => about.name)).toEqual(
      Array.from({ length: 100 }, (_none, index) => `edit-${index + 30}`),
    );
  });

  it('take the place of none that holds something', async () => {
    const task = new Task();
    await open(task, [...hourly('full', 'f'), ...other], now);
    await task.add('000001', 1);
    await editOften(task, 120);
    await task.put(taskKeys.lastFired('000001'), { at: now + 150, runId: windowOf(1).run_id });
    const { withoutPartner } = await open(task, other, now + 200);
    expect(withoutPartner.map(({ about }) => about.name)).toEqual(['full']);
    expect(await task.stored()).toHaveLength(102);
  });

  it('stay few whatever is edited, and names stay unique', async () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const { fraction } = seededRandom(`resting ${seed}`);
      const pick = (below: number): number => Math.floor(fraction() * below);
      const task = new Task();
      for (let opening = 0; opening < 12; opening += 1) {
        const edited = Array.from({ length: pick(4) }, () => {
          const payloadTemplate = `[${pick(2)}]`;
          const interval = pick(3) === 0 ? {} : { interval: `${1 + pick(3)}s` };
          return triggerConfig('abc'[pick(3)] ?? 'a', { payloadTemplate, ...interval });
        }).flatMap((config, index) => config.map((one) => (pick(2) === 0 ? one : { ...one, name: `n${index}` })));
        const at = now + opening * 500;
        const { outboxes } = await open(task, edited, at);
        for (const { outbox } of outboxes) {
          if (pick(2) === 0) await task.put(taskKeys.lastFired(outbox.id), { at, runId: windowOf(1).run_id });
        }
        for (const { about, lastFired } of await task.stored()) {
          if (!about.hasPartner) expect(at - (lastFired?.at ?? 0), `seed ${seed}`).toBeLessThan(about.intervalMs ?? 0);
        }
      }
    }
  });
});
