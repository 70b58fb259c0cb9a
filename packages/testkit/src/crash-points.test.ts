import { MemoryStore, WriteBatch } from '@aftercommit/persistence';
import { describe, expect, test, vi } from 'vitest';
import { type CrashPlan, crashPoints, withCrashPoints } from './crash-points.js';
import { sampleAttempt, sampleEnvironment } from './sample-attempt.js';
import { scriptedKind } from './scripted-kind.js';

/** Opens, writes and attempts once, and says how far it came. */
async function live(at: CrashPlan['at']) {
  const store = new MemoryStore();
  const kind = scriptedKind();
  const progress: string[] = [];
  const die = vi.fn();
  const crashing = withCrashPoints({ store, kinds: [kind], die, ...(at !== undefined && { at }) });
  const run = async () => {
    const state = await crashing.store.open('task', 'owner');
    progress.push('opened');
    await state.write(new WriteBatch(state.fence).put('key', 1));
    progress.push('written');
    const [wrapped] = crashing.kinds;
    const trigger = await wrapped?.open({ target: 'a' }, sampleEnvironment());
    await trigger?.attempt(sampleAttempt());
    progress.push('attempted');
    await crashing.reach('after-commit');
    progress.push('committed');
  };
  void run();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return {
    crashing,
    progress,
    died: die.mock.calls.length,
    opened: (await store.tasks()).length,
    written: (await store.read('task')).length,
    attempted: kind.attempts.length,
  };
}

describe('crash points', () => {
  const table = {
    'before-open': { progress: [], opened: 0, written: 0, attempted: 0 },
    'after-open': { progress: [], opened: 1, written: 0, attempted: 0 },
    'before-write': { progress: ['opened'], opened: 1, written: 0, attempted: 0 },
    'after-write': { progress: ['opened'], opened: 1, written: 1, attempted: 0 },
    'before-attempt': { progress: ['opened', 'written'], opened: 1, written: 1, attempted: 0 },
    'after-attempt': { progress: ['opened', 'written'], opened: 1, written: 1, attempted: 1 },
  } as const;

  test.each(crashPoints)('%s leaves what had an effect before it, and nothing after it', async (point) => {
    expect(await live({ point, occurrence: 1 })).toMatchObject({ ...table[point], died: 1 });
  });

  test('includes those of the host', async () => {
    const { progress, died } = await live({ point: 'after-commit', occurrence: 1 });
    expect([progress, died]).toEqual([['opened', 'written', 'attempted'], 1]);
  });

  test('only counts when it is not to die there', async () => {
    for (const at of [undefined, { point: 'after-write', occurrence: 2 }]) {
      const { progress, died, crashing } = await live(at);
      expect([progress, died]).toEqual([['opened', 'written', 'attempted', 'committed'], 0]);
      expect([...crashing.reached.keys()]).toEqual([...crashPoints, 'after-commit']);
    }
  });

  test('dies at the planned occurrence, and nothing has an effect any more', async () => {
    const die = vi.fn();
    const inner = new MemoryStore();
    const { store } = withCrashPoints({ store: inner, kinds: [], die, at: { point: 'before-write', occurrence: 3 } });
    const state = await store.open('task', 'owner');
    for (const key of ['a', 'b']) await state.write(new WriteBatch().put(key, 1));
    let settled = 0;
    for (const begin of [
      () => state.write(new WriteBatch().put('c', 1)),
      () => state.write(new WriteBatch().put('d', 1)),
      () => store.request('task', 'stop'),
      () => store.open('other', 'owner'),
      () => state.get('a'),
    ]) {
      void begin().finally(() => {
        settled += 1;
      });
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect([die.mock.calls.length, settled]).toEqual([1, 0]);
    expect(await inner.tasks()).toEqual(['task']);
    expect((await inner.read('task')).map(([key]) => key)).toEqual(['a', 'b']);
  });

  test('kills the process with SIGKILL by default', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const { reach } = withCrashPoints({
      store: new MemoryStore(),
      kinds: [],
      at: { point: 'after-commit', occurrence: 1 },
    });
    void reach('after-commit');
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGKILL');
    kill.mockRestore();
  });

  test('passes on everything else of a kind', () => {
    const kind = scriptedKind({ kind: 'played' });
    const [wrapped] = withCrashPoints({ store: new MemoryStore(), kinds: [kind] }).kinds;
    expect(wrapped?.kind).toBe('played');
    expect(wrapped?.configSchema).toBe(kind.configSchema);
    expect(wrapped?.describeTarget({ target: 'a' })).toBe('scripted://a');
  });
});
