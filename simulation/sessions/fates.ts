import type { Session } from '../checks/session.js';
import type { Manners } from '../story-plan.js';
import type { Chance } from '../world/chance.js';
import type { SimulatedProcess } from '../world/simulated-process.js';
import type { World } from '../world/world.js';
import type { Listener } from './listener.js';

type FatesParts = {
  world: World;
  chance: Chance;
  listener: Listener;
  /** All of the story so far: a power cut is for everybody. */
  sessions: readonly Session[];
};

/** What becomes of processes, and when. */
export class Fates {
  readonly #parts: FatesParts;
  /** What happens when the endpoint has so many transactions of a process, committed or staged, and the store not yet. */
  #atCommit: { process: SimulatedProcess; left: number; happen: () => void } | undefined;

  constructor(parts: FatesParts) {
    this.#parts = parts;
  }

  /** @returns Tells whether the session has met its fate, and the next one may start. */
  await(manners: Manners, session: Session): () => boolean {
    const { world, listener } = this.#parts;
    const { process } = session;
    let isOver = false;
    const happen = (): void => {
      listener.trace(() => `${process.name}: ${manners.fate}`);
      world.sightings.saw(`fate: ${manners.fate}`);
      isOver = this.#meet(manners, session);
    };
    if (manners.fate === 'killed between the commits') this.#atCommit = { process, left: manners.afterSteps, happen };
    else process.meetFate(manners.afterSteps, happen);
    return () => isOver;
  }

  /** The endpoint has a transaction of this process, and the store not yet. */
  noteTransaction(process: SimulatedProcess): void {
    const planned = this.#atCommit;
    if (planned?.process !== process) return;
    planned.left -= 1;
    if (planned.left > 0) return;
    this.#atCommit = undefined;
    planned.happen();
  }

  /** What becomes of a process at its moment. Returns whether the next one may start. */
  #meet(manners: Manners, { process }: Session): boolean {
    const { world, chance, sessions } = this.#parts;
    const { disk, scheduler } = world;
    switch (manners.fate) {
      case 'killed':
      case 'killed between the commits':
        process.kill();
        disk.noteKilled(process);
        return true;
      case 'power cut':
        for (const session of sessions) session.process.kill();
        disk.cutPower();
        return true;
      case 'frozen':
        process.freeze();
        scheduler.after(chance.durationMs(chance.pick([200, 5_000, 60_000])), () => process.thaw());
        return true;
      case 'failed over':
        process.freeze();
        if (disk.loseLastOpening()) world.wall.step(-86_400_000);
        scheduler.after(chance.durationMs(2_000), () => process.thaw());
        return true;
      case 'overtaken':
        return true;
      case 'stopped':
        manners.stop.abort();
        // Whoever starts it anew does not always wait for its end.
        return chance.happens(0.5);
      case 'left alone':
        return false;
    }
  }
}
