import type { Store } from '@aftercommit/persistence';
import { type StoreFault, type StoreSubject, storeConformance } from '@aftercommit/testkit';
import { describe, test } from 'vitest';
import { Sightings } from '../sightings.js';
import { Chance } from './chance.js';
import { Disk } from './disk.js';
import { DiskStore } from './disk-store.js';
import { Network } from './network.js';
import { ProcessClock } from './process-clock.js';
import { Scheduler } from './scheduler.js';
import { SimulatedProcess } from './simulated-process.js';
import { WallClock } from './wall-clock.js';

/** A wall clock that shows what a test says. */
class GivenWallClock extends WallClock {
  readonly #now: () => number;

  constructor(scheduler: Scheduler, now: () => number) {
    super(scheduler);
    this.#now = now;
  }

  override get nowMs(): number {
    return this.#now();
  }
}

/** A machine with one database file, whose time passes as long as a case runs. */
class Machine {
  readonly #scheduler = new Scheduler();
  readonly #sightings = new Sightings();
  readonly #chance = new Chance('conformance');
  readonly #disk: Disk;
  readonly #network: Network;
  readonly #wall: WallClock;
  readonly #machines: Map<Store, Machine>;
  #processes = 0;
  #fault: StoreFault | 'none' = 'none';

  constructor(machines: Map<Store, Machine>, now?: () => number) {
    this.#machines = machines;
    const world = { scheduler: this.#scheduler, sightings: this.#sightings };
    const watch = { opened: () => undefined, openingLost: () => undefined, written: () => undefined };
    this.#disk = new Disk(world, this.#chance.fork('disk'), watch);
    const nobody = { began: () => undefined, accepted: () => undefined, read: () => undefined, ended: () => undefined };
    this.#network = new Network(world, this.#chance, nobody, { roughness: 0, isOutage: false });
    this.#wall = now === undefined ? new WallClock(this.#scheduler) : new GivenWallClock(this.#scheduler, now);
  }

  /** A process of its own, with a handle on the file. */
  newStore(): Store {
    this.#processes += 1;
    const name = `process ${this.#processes}`;
    const process = new SimulatedProcess(name, this.#scheduler, this.#chance.fork(name));
    const store = new DiskStore(this.#disk, new ProcessClock(process, this.#wall, this.#network), {
      nextFault: () => {
        const fault = this.#fault;
        this.#fault = 'none';
        return fault;
      },
    });
    this.#machines.set(store, this);
    return store;
  }

  failNext(fault: StoreFault): void {
    this.#fault = fault;
  }

  /** Lets time pass until the case has come to its end. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) await this.#scheduler.runUntil(isOver, 1_000);
  }
}

function machineOf(machines: ReadonlyMap<Store, Machine>, store: Store): Machine {
  const machine = machines.get(store);
  if (machine === undefined) throw new Error('the store is none of this test');
  return machine;
}

describe('the store of the simulation', () => {
  const machines = new Map<Store, Machine>();
  let isOver = false;
  const subject: StoreSubject = {
    create: async (options) => {
      const machine = new Machine(machines, options?.now);
      void machine.run(() => isOver);
      return machine.newStore();
    },
    reopen: async (store) => {
      await store.close();
      return machineOf(machines, store).newStore();
    },
    second: async (store) => machineOf(machines, store).newStore(),
    fail: async (store, fault) => machineOf(machines, store).failNext(fault),
  };

  for (const { title, run, skip } of storeConformance(subject)) {
    test.skipIf(skip !== undefined)(title, async () => {
      isOver = false;
      try {
        await run();
      } finally {
        isOver = true;
      }
    });
  }
});
