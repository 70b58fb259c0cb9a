import { seededRandom } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { compile, triggerConfig } from '../test/delivery-bench.js';
import { Task } from '../test/outbox-bench.js';
import type { CompiledTrigger } from './compiled-trigger.js';
import { identifyTriggers } from './trigger-identity.js';

/** Every target with every template: compiled once, because hosts differ in what they choose of them and in names. */
const pool = compile(
  ['a', 'b', 'c'].flatMap((target) =>
    ['[1]', '[2]'].flatMap((payloadTemplate) => triggerConfig(target, { payloadTemplate })),
  ),
);

type Pick = (below: number) => number;

/** The configuration of one host: up to three triggers, twins too, some named, and some as another host's derived ones. */
function configured(pick: Pick): CompiledTrigger[] {
  const names = ['x', 'y', ...pool.slice(0, 2).map(({ name }) => name)];
  const chosen = Array.from({ length: pick(4) }, () => pool[pick(pool.length)]).flatMap((one) => one ?? []);
  const triggers = chosen.map((trigger) => ({
    ...trigger,
    configuredName: pick(2) === 0 ? names.splice(pick(names.length), 1)[0] : undefined,
  }));
  return identifyTriggers(triggers).flatMap((identity, index) => {
    const trigger = triggers[index];
    return trigger === undefined ? [] : [{ ...trigger, identity, name: identity.name }];
  });
}

/** How many triggers there are over all hosts that nothing tells to be one. */
function distinct(hosts: CompiledTrigger[][]): number {
  return new Set(hosts.flat().map(({ name, identity }) => `${name} ${identity.targetHash} ${identity.templateHash}`))
    .size;
}

describe('hosts with different specs that take turns', () => {
  it.each([0, 1, 2, 3])('do not make outboxes multiply, and lose nothing (group %d of seeds)', async (group) => {
    for (let seed = group * 40; seed < group * 40 + 40; seed += 1) {
      const { fraction } = seededRandom(`hosts ${seed}`);
      const pick: Pick = (below) => Math.floor(fraction() * below);
      const hosts = Array.from({ length: 2 + pick(2) }, () => configured(pick));
      const task = new Task();
      let added = 0;
      for (let opening = 0; opening < 16; opening += 1) {
        const { outboxes } = await task.openCompiled(hosts[pick(hosts.length)] ?? []);
        for (const { outbox } of outboxes) {
          added += 1;
          await task.add(outbox.id, added);
        }
        const stored = await task.stored();
        expect([seed, stored.flatMap(({ windows }) => windows).length]).toEqual([seed, added]);
        expect(stored.length, `seed ${seed}`).toBeLessThanOrEqual(distinct(hosts));
      }
    }
  });

  it('give each trigger the outbox that it had in the turn before, when there are two', async () => {
    for (let seed = 0; seed < 150; seed += 1) {
      const { fraction } = seededRandom(`two hosts ${seed}`);
      const pick: Pick = (below) => Math.floor(fraction() * below);
      const hosts = [configured(pick), configured(pick)];
      const task = new Task();
      const turns: string[][] = [];
      let added = 0;
      for (let opening = 0; opening < 10; opening += 1) {
        const { outboxes } = await task.openCompiled(hosts[opening % 2] ?? []);
        turns.push(outboxes.map(({ outbox }) => outbox.id));
        for (const { outbox } of outboxes) {
          added += 1;
          await task.add(outbox.id, added);
        }
      }
      expect([seed, turns.slice(8)]).toEqual([seed, turns.slice(6, 8)]);
    }
  });

  it('find their triggers again, though one calls another by the name that both were given', async () => {
    const named = triggerConfig('a', { name: 'two', payloadTemplate: '[2]' });
    const first = compile([...triggerConfig('a'), ...named]);
    const second = compile(triggerConfig('a', { payloadTemplate: '[2]' }));
    const task = new Task();
    for (let turn = 0; turn < 5; turn += 1) {
      const one = await task.openCompiled(first);
      expect(one.outboxes.map(({ outbox }) => outbox.id)).toEqual(['000001', '000002']);
      await task.add('000001', turn * 2 + 1);
      const other = await task.openCompiled(second);
      expect(other.outboxes.map(({ outbox }) => outbox.id)).toEqual(['000002']);
      expect(other.withoutPartner.map(({ id, windows }) => [id, windows.length])).toEqual([['000001', turn + 1]]);
      await task.add('000002', turn * 2 + 2);
    }
  });
});
