import { ManualClock } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import type { Assignment, CoordinationEvent, RunEnd } from './coordinator.js';
import { StaticCoordinator, type StaticShare } from './static-coordinator.js';

/** Runs that end when they are told to. */
class Bench {
  readonly clock = new ManualClock();
  readonly events: CoordinationEvent[] = [];
  readonly running = new Map<string, { assignment: Assignment; end: (end: RunEnd) => void }>();
  readonly coordinator: StaticCoordinator;

  constructor(share: StaticShare) {
    this.coordinator = new StaticCoordinator(share, {
      clock: this.clock,
      observe: (event) => this.events.push(event),
      run: (assignment) =>
        new Promise((resolve) => {
          const end = (how: RunEnd): void => {
            this.running.delete(assignment.task);
            resolve(how);
          };
          this.running.set(assignment.task, { assignment, end });
          assignment.stop.addEventListener('abort', () => end({ ended: 'stopped' }), { once: true });
        }),
    });
  }

  get tasks(): string[] {
    return [...this.running.keys()];
  }

  fail(task: string): void {
    this.running.get(task)?.end({ ended: 'failed', reason: 'it broke' });
  }
}

describe('a static coordinator', () => {
  it('runs those of its list that are offered', async () => {
    const { coordinator, ...bench } = new Bench({ tasks: ['a', 'b', 'elsewhere'] });
    await coordinator.offer(['a', 'b', 'c']);
    expect([...bench.running.keys()]).toEqual(['a', 'b']);
    await coordinator.close();
  });

  it('stops what is not offered any more, and starts what is new', async () => {
    const bench = new Bench({ ordinal: 0, of: 1 });
    await bench.coordinator.offer(['a', 'b']);
    const stopped = bench.running.get('a')?.assignment.stop;
    await bench.coordinator.offer(['b', 'c']);
    expect([bench.tasks, stopped?.reason]).toEqual([['b', 'c'], 'withdrawn']);
    await bench.coordinator.close();
    expect(bench.tasks).toEqual([]);
  });

  it('starts what is offered again when its last run has ended', async () => {
    const bench = new Bench({ ordinal: 0, of: 1 });
    await bench.coordinator.offer(['a']);
    const first = bench.running.get('a')?.assignment;
    await bench.coordinator.offer([]);
    await bench.coordinator.offer(['a']);
    await expect.poll(() => bench.running.get('a')?.assignment).toBeDefined();
    expect(bench.running.get('a')?.assignment).not.toBe(first);
    await bench.coordinator.close();
  });

  it('waits longer after each failure, and not long after a run that lasted', async () => {
    const bench = new Bench({ tasks: ['a', 'b'] });
    await bench.coordinator.offer(['a', 'b']);
    for (const waitMs of [1_000, 2_000, 4_000]) {
      bench.fail('a');
      await expect
        .poll(() => bench.events.at(-1))
        .toEqual({ event: 'released', task: 'a', why: 'failed', retryInMs: waitMs });
      expect(bench.tasks).toEqual(['b']);
      await bench.clock.advance(waitMs);
      await expect.poll(() => bench.tasks).toEqual(['b', 'a']);
    }
    await bench.clock.advance(60_000);
    bench.fail('a');
    await expect.poll(() => bench.events.at(-1)).toMatchObject({ why: 'failed', retryInMs: 1_000 });
    await bench.coordinator.close();
  });

  it('takes a run that ended unasked for one that failed', async () => {
    const bench = new Bench({ tasks: ['a'] });
    await bench.coordinator.offer(['a']);
    bench.running.get('a')?.end({ ended: 'stopped' });
    await expect.poll(() => bench.events.at(-1)).toMatchObject({ event: 'released', why: 'failed', retryInMs: 1_000 });
    await bench.coordinator.close();
  });

  it('refuses an ordinal that there is not', () => {
    expect(() => new Bench({ ordinal: 5, of: 5 })).toThrow('5/5 is no ordinal');
  });
});
