import { type Fence, WriteBatch } from '@aftercommit/persistence';
import { encodeBatch } from '@aftercommit/persistence/implement';
import { describe, expect, test } from 'vitest';
import { Sightings } from '../sightings.js';
import { Chance } from './chance.js';
import { Device } from './device.js';
import { Disk } from './disk.js';
import { journalEntries, journalLine } from './journal.js';
import { Scheduler } from './scheduler.js';
import { SimulatedProcess } from './simulated-process.js';

const seeds = Array.from({ length: 300 }, (_, seed) => seed);

describe('a device', () => {
  test('keeps what was synced through every power cut', () => {
    for (const seed of seeds) {
      const chance = new Chance(`synced ${seed}`);
      const device = new Device(new Sightings());
      let kept = '';
      for (let cut = 0; cut < 10; cut += 1) {
        for (let pieces = chance.between(0, 4); pieces > 0; pieces -= 1) device.append(`synced ${cut} ${pieces};`);
        device.sync();
        kept = device.read();
        device.append(`lost ${cut};`);
        device.cutPower(chance);
        expect(device.read().startsWith(kept)).toBe(true);
      }
    }
  });

  test('leaves each piece that was not synced whole, torn, blank or missing', () => {
    const left = new Set<string>();
    for (const seed of seeds) {
      const device = new Device(new Sightings());
      device.append('one');
      device.append('TWO');
      device.cutPower(new Chance(`torn ${seed}`));
      expect(device.read()).toMatch(/^(?:one|on|o|\0{3}|)(?:TWO|TW|T|\0{3}|)$/);
      left.add(device.read());
    }
    // Whatever became of the one before: also the second without the first.
    for (const text of ['oneTWO', 'one', 'TWO', '', 'oTWO', 'oneT', '\0\0\0TWO', 'one\0\0\0'])
      expect(left).toContain(text);
  });

  test('shows what was not synced as long as the power is on', () => {
    const device = new Device(new Sightings());
    device.append('there');
    expect(device.read()).toBe('there');
  });
});

describe('a journal', () => {
  test('ends in front of the first entry that is torn, whatever follows it', () => {
    const lines = ['first', 'second', 'third'].map((text) => journalLine({ does: 'message', task: 'task', text }));
    const [first = '', second = '', third = ''] = lines;
    expect(textsOf(lines.join(''))).toEqual(['first', 'second', 'third']);
    for (let length = 1; length < second.length; length += 1) {
      expect(textsOf(first + second.slice(0, length) + third)).toEqual(['first']);
    }
    expect(textsOf(first + '\0'.repeat(second.length) + third)).toEqual(['first']);
    expect(textsOf(first + second.replace('second', 'sEcond') + third)).toEqual(['first']);
  });
});

describe('a disk', () => {
  test('loses nothing that it has said to be durable, through kills and power cuts', async () => {
    for (const seed of seeds) {
      const bench = await Bench.open(`durable ${seed}`);
      const { chance, disk } = bench;
      const promised = new Set<string>();
      for (let number = 0; number < 12; number += 1) {
        const key = `key-${number}`;
        const written = bench.write(key);
        written.then(
          () => promised.add(key),
          () => undefined,
        );
        const isInTime = chance.happens(0.5);
        await bench.scheduler.runFor(isInTime ? 60_000 : chance.durationMs(1));
        if (isInTime) expect(promised).toContain(key);
        if (chance.happens(0.4)) await bench.endProcess(() => disk.noteKilled(bench.process));
        else if (chance.happens(0.3)) await bench.endProcess(() => disk.cutPower());
      }
      for (const key of promised) expect(disk.values('task').get(key)).toBe('1');
    }
  });

  test('applies a write of a process that was killed completely or not at all', async () => {
    const found = new Set<number>();
    for (const seed of seeds) {
      const bench = await Bench.open(`killed ${seed}`);
      void bench.write('left', 'right').catch(() => undefined);
      await bench.endProcess(() => bench.disk.noteKilled(bench.process));
      const keys = ['left', 'right'].filter((key) => bench.disk.values('task').has(key));
      found.add(keys.length);
    }
    expect(found).toEqual(new Set([0, 2]));
  });

  test('locks others out while a writer stands still, until they give up', async () => {
    const bench = await Bench.open('locked');
    void bench.write('frozen').catch(() => undefined);
    bench.process.freeze();
    const other = new SimulatedProcess('other', bench.scheduler, bench.chance.fork('other'));
    const request = { process: other, askedAtMs: bench.scheduler.nowMs };
    const refused = bench.disk.addMessage(request, 'task', '1');
    const outcome = expect(refused).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await bench.scheduler.runFor(4_900);
    expect(bench.disk.values('task').size).toBe(0);
    await bench.scheduler.runFor(1_000);
    await outcome;
    bench.process.thaw();
    await bench.scheduler.runFor(1_000);
    expect([...bench.disk.values('task').keys()]).toEqual(['frozen']);
  });

  test('lets the one in again whom the last opening had fenced, when that is lost', async () => {
    const bench = await Bench.open('failed over');
    const first = bench.fence;
    await bench.openTask();
    expect(() => bench.disk.assertHeld(first)).toThrow(/fenced/);
    expect(bench.disk.loseLastOpening()).toBe(true);
    bench.disk.assertHeld(first);
    // Nobody had relied on that one; but somebody has on this write.
    bench.fence = first;
    const written = bench.write('key');
    await bench.scheduler.runFor(1_000);
    await written;
    expect(bench.disk.loseLastOpening()).toBe(false);
  });
});

function textsOf(contents: string): string[] {
  return [...journalEntries(contents)].map(({ entry }) => (entry.does === 'message' ? entry.text : entry.does));
}

/** A disk, and a process that has a task open on it. */
class Bench {
  readonly scheduler = new Scheduler();
  readonly chance: Chance;
  readonly disk: Disk;
  process: SimulatedProcess;
  fence: Fence = { task: 'task', owner: '', epoch: 0n };
  #openings = 0;

  static async open(label: string): Promise<Bench> {
    const bench = new Bench(label);
    await bench.openTask();
    return bench;
  }

  private constructor(label: string) {
    this.chance = new Chance(label);
    const witness = {
      opened: () => undefined,
      openingLost: () => undefined,
      written: () => undefined,
    };
    const world = { scheduler: this.scheduler, sightings: new Sightings() };
    this.disk = new Disk(world, this.chance.fork('disk'), witness);
    this.process = new SimulatedProcess('process', this.scheduler, this.chance.fork('process'));
  }

  async openTask(): Promise<void> {
    this.#openings += 1;
    const owner = `owner ${this.#openings}`;
    const request = { process: this.process, askedAtMs: this.scheduler.nowMs };
    const opening = this.disk.open(request, { task: 'task', owner, above: undefined, wallMs: this.#openings });
    await this.scheduler.runFor(60_000);
    this.fence = { task: 'task', owner, epoch: await opening };
  }

  write(...keys: string[]): Promise<void> {
    const batch = new WriteBatch();
    for (const key of keys) batch.put(key, 1);
    const request = { process: this.process, askedAtMs: this.scheduler.nowMs };
    return this.disk.write(request, this.fence, encodeBatch(batch));
  }

  /** Kills the process in one way or another, and lets another one open the task. */
  async endProcess(end: () => void): Promise<void> {
    this.process.kill();
    end();
    this.process = new SimulatedProcess('successor', this.scheduler, this.chance.fork('successor'));
    await this.openTask();
  }
}
