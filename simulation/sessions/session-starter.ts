import type { SessionEvent } from '@aftercommit/runtime-adapter';
import type { Session } from '../checks/session.js';
import type { RunningConfiguration } from '../configuration/configuration.js';
import type { Manners, StoryPlan } from '../story-plan.js';
import type { Chance } from '../world/chance.js';
import { DiskStore, type StoreFault } from '../world/disk-store.js';
import { ProcessClock } from '../world/process-clock.js';
import { materialization } from '../world/simulated-endpoint.js';
import type { HostParts } from '../world/simulated-host.js';
import { SimulatedProcess } from '../world/simulated-process.js';
import type { World } from '../world/world.js';
import type { Listener } from './listener.js';
import { type ProgramParts, runProgram } from './program.js';

type SessionStarterParts = Pick<ProgramParts, 'noteTransaction'> & {
  world: World;
  chance: Chance;
  host: StoryPlan['host'];
  listener: Listener;
  /** All of the story so far: each that starts is added. */
  sessions: Session[];
};

/** Starts sessions, in processes of their own or in that of the one before. */
export class SessionStarter {
  readonly #parts: SessionStarterParts;
  /** By the ids that they drew: a session opens the task under one of them. */
  readonly #ids = new Map<string, Session>();
  #processes = 0;

  constructor(parts: SessionStarterParts) {
    this.#parts = parts;
  }

  start(manners: Manners, configuration: RunningConfiguration): Session {
    const { world, host, listener, sessions, noteTransaction } = this.#parts;
    const session = this.#newSession(manners, configuration);
    sessions.push(session);
    const { name, process } = session;
    const clock = new ProcessClock(process, world.wall, world.network);
    world.note(session, clock);
    listener.trace(() => `${name}: starts in ${process.name}, ${JSON.stringify({ ...manners, stop: undefined })}`);
    const options = this.#optionsOf(session, manners, clock);
    const end = runProgram({ world, session, manners, host, options, noteTransaction });
    void listener.watch(end, session);
    return session;
  }

  #newSession(manners: Manners, configuration: RunningConfiguration): Session {
    const { world, sessions } = this.#parts;
    const before = sessions.at(-1);
    const shared = manners.isInSameProcess && before?.process.isRunning === true ? before : undefined;
    const { process, store } = shared ?? this.#newProcess(manners);
    world.sightings.saw('session');
    if (shared !== undefined) world.sightings.saw('session that goes on in its process');
    if (shared !== undefined && shared.end === undefined) {
      world.sightings.saw('session of a process that has another one');
    }
    return {
      name: `session ${sessions.length + 1}`,
      process,
      store,
      configuration,
      owner: undefined,
      openedAtMs: 0,
      hasReconciled: false,
      hasLostWrite: false,
      hasLostOpening: false,
      isEnding: false,
      inFlight: 0,
      after: sessions.filter((one) => one.store === store && one.isEnding && one.end === undefined),
      end: undefined,
    };
  }

  #newProcess(manners: Manners): Pick<Session, 'process' | 'store'> {
    const { world, chance, sessions } = this.#parts;
    const { scheduler, wall, network, disk, holders, sightings } = world;
    this.#processes += 1;
    const name = `process ${this.#processes}`;
    const process = new SimulatedProcess(name, scheduler, chance.fork(name));
    const nextFault = (): StoreFault => {
      if (!process.chance.happens(manners.storeFaults)) return 'none';
      const fault = process.chance.pick<StoreFault>(['lost-request', 'lost-reply', 'lost-connection']);
      if (fault !== 'none') sightings.saw(`store: ${fault}`);
      const hit = sessions.filter((session) => session.process === process && session.end === undefined);
      for (const session of hit) session.hasLostWrite = true;
      return fault;
    };
    const noteOwner = (owner: string): void => {
      const session = this.#ids.get(owner);
      if (session !== undefined) world.watch(() => holders.noteOwner(owner, session));
    };
    return { process, store: new DiskStore(disk, new ProcessClock(process, wall, network), { nextFault, noteOwner }) };
  }

  #optionsOf(session: Session, manners: Manners, clock: ProcessClock): HostParts['options'] {
    const { listener } = this.#parts;
    const { name, configuration } = session;
    const chance = this.#parts.chance.fork(name);
    const id = (): string => {
      const drawn = chance.id();
      this.#ids.set(drawn, session);
      return drawn;
    };
    const tokens = configuration.configuration.triggers.map(({ token }) => token);
    const say = (message: string): void => listener.hear(name, message, tokens);
    return {
      materialization,
      triggers: configuration.compiled,
      retryNow: manners.isRetryingNow,
      environment: { clock, random: { id, fraction: () => chance.fraction() }, logger: { info: say, warn: say } },
      observe: (event: SessionEvent) => {
        say(JSON.stringify(event));
        if (event.event === 'opened') listener.saw(`opened: ${event.runtimeCheckpoint}`);
      },
    };
  }
}
