import type { Configuration } from './configuration/configuration.js';
import type { Chance } from './world/chance.js';
import type { EndpointManners } from './world/simulated-connector.js';
import type { HostManners } from './world/simulated-host.js';
import type { WorldPlan } from './world/world.js';

/** What a story is about. */
export type StoryPlan = WorldPlan & {
  /** Sessions before nothing goes wrong any more. */
  sessions: number;
  /** How many things may reach a process before it meets its fate. */
  longestLife: number;
  maxDocs: number;
  /** How probable each is before a session. */
  edits: number;
  clockSteps: number;
  /** How probable it is that a person asks for something during a session. */
  operations: number;
  /** How probable it is for a write to be lost on its way, in sessions in which that happens. */
  storeFaults: number;
  /** Undefined: sessions differ in who owns the runtime checkpoint. */
  runtimeCheckpointOwner: EndpointManners['runtimeCheckpointOwner'] | undefined;
  /** Undefined: `materialize`. Otherwise a host with a commit loop of its own, and where its rows are. */
  host: 'with the task' | 'elsewhere' | undefined;
  /** In which every session is alike. */
  manners: Partial<Manners>;
  /** Makes of the first configuration what the story is about. */
  adjust(configuration: Configuration): Configuration;
};

/** What becomes of a process. */
export type Fate =
  | 'killed'
  | 'killed between the commits'
  | 'power cut'
  | 'frozen'
  | 'failed over'
  | 'overtaken'
  | 'stopped'
  | 'left alone';

const fates: readonly [Fate, ...Fate[]] = [
  'killed between the commits',
  'killed',
  'killed',
  'killed',
  'power cut',
  'frozen',
  'frozen',
  'failed over',
  'overtaken',
  'stopped',
  'left alone',
  'left alone',
];

/** How one session is run, and what it meets. */
export type Manners = EndpointManners &
  HostManners & {
    fate: Fate;
    /** Whether it begins in the process of the one before it, with the same store, if that is there. */
    isInSameProcess: boolean;
    /** How many things from outside reach the process before that; for one between the commits, how many transactions. */
    afterSteps: number;
    storeFaults: number;
    isRetryingNow: boolean;
  };

/** In which stories so much waits, or is parked, that it comes to its limits. */
const isBacklogged = (seed: number): boolean => seed % 500 === 87;
const isParkingMuch = (seed: number): boolean => seed % 1_500 === 1_087;

/** Most stories are short: many of them find more than a long one. */
export function planOf(chance: Chance, seed: number): StoryPlan {
  const plan: StoryPlan = {
    documents: chance.between(3, 30),
    overMs: chance.pick([1_000, 20_000, 90_000]),
    roughness: chance.pick([0, 0.2, 0.5, 0.8]),
    sessions: chance.between(2, 7),
    longestLife: chance.pick([40, 150, 400]),
    maxDocs: chance.between(1, 6),
    edits: chance.pick([0, 0.3, 0.7]),
    clockSteps: chance.pick([0, 0, 0, 0.3]),
    operations: chance.pick([0, 0.3, 0.8]),
    storeFaults: chance.pick([0, 0, 0.02]),
    runtimeCheckpointOwner: chance.pick(['store', 'endpoint', undefined]),
    host: chance.pick([undefined, undefined, undefined, undefined, 'with the task', 'elsewhere']),
    isOutage: false,
    manners: {},
    adjust: (configuration) => configuration,
  };
  // Long ones, and therefore few.
  return isBacklogged(seed) ? backlogged(plan, isParkingMuch(seed)) : plan;
}

/** Receivers are out of order while many transactions commit: what waits, and what is parked, comes to its limits. */
function backlogged(plan: StoryPlan, isParking: boolean): StoryPlan {
  const documents = isParking ? 1_040 : 240;
  return {
    ...plan,
    documents,
    overMs: documents * 100,
    isOutage: true,
    sessions: 3,
    maxDocs: 1,
    edits: 0,
    operations: 0.8,
    host: undefined,
    manners: { fate: 'left alone', applyMs: 2, isFollowing: true },
    adjust: ({ triggers, isMap }) => ({
      triggers: triggers.map((trigger) => ({
        ...trigger,
        onFailure: 'park',
        maxAttempts: isParking ? 1 : 4,
        intervalMs: isParking ? undefined : trigger.intervalMs,
      })),
      isMap,
    }),
  };
}

/** How the next session is run. */
export function mannersOf(chance: Chance, plan: StoryPlan): Manners {
  const isFailing = chance.happens(0.15);
  const fate = chance.pick(fates);
  // Only an opening can be lost; and the opening is where a process that stands still can do harm.
  const isEarly = fate === 'failed over' || chance.happens(0.3);
  return {
    fate,
    afterSteps: chance.between(1, fate === 'killed between the commits' ? 4 : isEarly ? 12 : plan.longestLife),
    runtimeCheckpointOwner: plan.runtimeCheckpointOwner ?? chance.pick(['store', 'endpoint']),
    applyMs: chance.pick([2, 30, 1_500]),
    failing: isFailing ? 0.03 : 0,
    isFollowing: chance.happens(0.5),
    maxPage: chance.between(1, 5),
    maxDocs: plan.maxDocs,
    isInSameProcess: chance.happens(0.3),
    rollbacks: chance.pick([0, 0.3]),
    isWritingWithin: chance.happens(0.5),
    storeFaults: chance.happens(0.3) ? plan.storeFaults : 0,
    isDraining: chance.happens(0.2),
    isRetryingNow: chance.happens(0.2),
    stop: new AbortController(),
    ...plan.manners,
  };
}
