import { expect, test } from 'vitest';
import { ManualClock } from './manual-clock.js';
import { sampleAttempt, sampleEnvironment } from './sample-attempt.js';
import { hang, type ScriptedKind, scriptedKind } from './scripted-kind.js';

const outcomes = async (kind: ScriptedKind, target: string, count: number) => {
  const trigger = await kind.open({ target }, sampleEnvironment());
  const seen: string[] = [];
  for (let number = 1; number <= count; number += 1)
    seen.push((await trigger.attempt(sampleAttempt({ number }))).outcome);
  return seen;
};

test('goes through the script and repeats its last step, for every target by itself', async () => {
  const kind = scriptedKind({ script: [{ outcome: 'retry', reason: 'busy' }, { outcome: 'delivered' }] });
  expect(await outcomes(kind, 'a', 3)).toEqual(['retry', 'delivered', 'delivered']);
  expect(await outcomes(kind, 'b', 1)).toEqual(['retry']);
});

test('gives one target a script of its own', async () => {
  const kind = scriptedKind();
  kind.respond('a', [{ outcome: 'rejected', reason: 'no' }]);
  expect(await outcomes(kind, 'a', 1)).toEqual(['rejected']);
  expect(await outcomes(kind, 'b', 1)).toEqual(['delivered']);
});

test('records every attempt with all its fields, its target and its moment', async () => {
  const kind = scriptedKind();
  const clock = new ManualClock(5000);
  const trigger = await kind.open({ target: 'a', token: 's3cret' }, sampleEnvironment({ clock }));
  const attempt = sampleAttempt();
  await trigger.attempt(attempt);
  expect(kind.attempts).toEqual([{ ...attempt, target: 'a', at: 5000 }]);
});

test('throws an error of the script and asks a function of it', async () => {
  const kind = scriptedKind({
    script: [new Error('lost'), ({ number }) => ({ outcome: 'retry', reason: `attempt ${number}` })],
  });
  const trigger = await kind.open({ target: 'a' }, sampleEnvironment());
  await expect(trigger.attempt(sampleAttempt())).rejects.toThrow('lost');
  expect(await trigger.attempt(sampleAttempt({ number: 2 }))).toEqual({ outcome: 'retry', reason: 'attempt 2' });
});

test('hangs until the signal aborts', async () => {
  const kind = scriptedKind({ script: [hang] });
  const trigger = await kind.open({ target: 'a' }, sampleEnvironment());
  const controller = new AbortController();
  const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal }));
  controller.abort();
  expect((await attempting).outcome).toBe('retry');
});

test('counts what was opened and closed', async () => {
  const kind = scriptedKind();
  const trigger = await kind.open({ target: 'a' }, sampleEnvironment());
  expect([kind.opened, kind.closed]).toEqual([1, 0]);
  await trigger.close?.();
  expect([kind.opened, kind.closed]).toEqual([1, 1]);
});
