import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@aftercommit/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkEnd, checkRepeated, type KilledRun, keysOf } from './command-line-crash-checks.js';
import { DecidingReceiver } from './command-line-crash-receiver.js';
import type { Kill, StoryRun } from './command-line-crash-run.js';
import { CrashStory, type Owner, owners } from './command-line-crash-story.js';
import { CrashTally } from './command-line-crash-tally.js';

// Another sample of second kills: AFTERCOMMIT_SEED=7 npx -y pnpm@12 test tests/command-line-crash.test.ts
const seed = Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now() % 1_000_000);
const secondKills = 8;
/** How many stories go on at a time. */
const width = 3;
/** A minute on two idle cores. */
const timeoutMs = 600_000;

let receiver: DecidingReceiver;
let folder: string;

beforeAll(async () => {
  receiver = await DecidingReceiver.start();
  folder = await mkdtemp(join(tmpdir(), 'command-line-crash-'));
});

afterAll(async () => {
  await receiver.stop();
  await rm(folder, { recursive: true });
});

describe.each(owners)('with the runtime checkpoint at the %s, a run that is killed', (owner) => {
  let table: Kill[];

  beforeAll(async () => {
    table = tableOf(await whole(await begin(owner)));
  });

  test(
    'at every point loses nothing, and repeats only what was not cleared',
    async () => {
      expect(stepsIn(table)).toEqual(expect.arrayContaining(steps));
      const tally = await each(
        table.map((kill) => [kill]),
        () => begin(owner),
      );
      console.log(`${owner}: ${tally.report}`);
      expect(tally.failures).toEqual([]);
    },
    timeoutMs,
  );

  test(
    `at two points loses nothing either (seed ${seed})`,
    async () => {
      const { fraction } = seededRandom(`${owner} ${seed}`);
      const one = (): Kill[] => table.slice(Math.floor(fraction() * table.length)).slice(0, 1);
      const pairs = Array.from({ length: secondKills }, () => [...one(), ...one()]);
      expect((await each(pairs, () => begin(owner))).failures).toEqual([]);
    },
    timeoutMs,
  );
});

test(
  'a run that is killed replays what was parked, and counts attempts that failed',
  async () => {
    const table = tableOf(await whole(await beginWithReplay('store'))).filter(({ point }) => isAboutReplay.test(point));
    expect(stepsIn(table)).toEqual(['answer-write', 'attempt', 'failure-write']);
    const tally = await each(
      table.map((kill) => [kill]),
      () => beginWithReplay('store'),
    );
    expect(tally.failures).toEqual([]);
  },
  timeoutMs,
);

/** What every run does, and may die before or after. */
const steps = [
  'acknowledge',
  'attempt',
  'clear-write',
  'close-endpoint',
  'commit-write',
  'flush',
  'keep-write',
  'load',
  'open-endpoint',
  'open-task',
  'opening-write',
  'park-write',
  'start-commit',
  'store',
  'take-write',
];
const isAboutReplay = /(answer|failure)-write$|^after-attempt$/;

type Begun = { story: CrashStory; parkedKeys(): string[] };

/** Twenty documents, and a receiver that refuses the second delivery of the trigger that parks, and no other. */
async function begin(owner: Owner): Promise<Begun> {
  const story = await CrashStory.create(folder, receiver, owner);
  const keys = (): string[] => [...new Set(story.received('park').map(({ key }) => key))];
  receiver.respond(story.path('park'), ({ key }) => ([...new Set([...keys(), key])][1] === key ? 400 : 200));
  receiver.respond(story.path('block'), ({ key }) => {
    story.noteArrival(key);
    return 200;
  });
  return { story, parkedKeys: () => keys().slice(1, 2) };
}

/** After such a run the receiver has been mended, and somebody asked for a replay; now another one fails, once. */
async function beginWithReplay(owner: Owner): Promise<Begun> {
  const { story } = await begin(owner);
  expectEnd(await story.run(), 3);
  expectEnd(await story.askForReplay(), 0);
  await story.addDocuments(3);
  const known = story.received('block').length;
  receiver.respond(story.path('park'), () => 200);
  receiver.respond(story.path('block'), (_, earlier) => (earlier.length === known ? 503 : 200));
  return { story, parkedKeys: () => [] };
}

/** A run that is not killed. */
async function whole({ story, parkedKeys }: Begun): Promise<StoryRun> {
  const run = await story.run();
  expectEnd(run, parkedKeys().length > 0 ? 3 : 0);
  await checkEnd(story, parkedKeys());
  return run;
}

/** Every time that a run which is not killed reaches any point. */
function tableOf({ reached }: StoryRun): Kill[] {
  return [...reached].flatMap(([point, count]) =>
    Array.from({ length: count }, (_, index) => ({ point, occurrence: index + 1 })),
  );
}

function stepsIn(kills: readonly Kill[]): string[] {
  return [...new Set(kills.map(({ point }) => point.replace(/^(before|after|within)-/, '')))].sort();
}

/** Tells all of them, a few at a time, each in a story of its own. */
async function each(stories: ReadonlyArray<readonly Kill[]>, beginOne: () => Promise<Begun>): Promise<CrashTally> {
  const tally = new CrashTally();
  const left = stories.values();
  const workers = Array.from({ length: width }, async () => {
    for (const kills of left) {
      const { story, parkedKeys } = await beginOne();
      await tally.count(kills, () => killAndGoOn(story, kills, parkedKeys));
      await story.remove();
    }
  });
  await Promise.all(workers);
  return tally;
}

/**
 * Kills one run after the other, and lets the last one end. A point may be reached less often than by the run that was
 * counted, which was faster or slower: such a run ends by itself, and owes the same.
 */
async function killAndGoOn(
  story: CrashStory,
  kills: readonly Kill[],
  parkedKeys: () => string[],
): Promise<KilledRun[]> {
  const killed: Array<Omit<KilledRun, 'repeated'>> = [];
  for (const kill of kills) {
    const run = await story.runAndKill(kill);
    const { block, interval, park } = await story.outboxes();
    const held = { block: keysOf(block.windows), interval: keysOf(interval.windows), park: keysOf(park.windows) };
    if (!run.isKilled) expectEnd(run, parkedKeys().length > 0 ? 3 : 0);
    killed.push({ kill, run, held });
  }
  expectEnd(await story.run(), parkedKeys().length > 0 ? 3 : 0);
  await checkEnd(story, parkedKeys());
  return killed.map((run) => ({ ...run, repeated: checkRepeated(story, run) }));
}

function expectEnd({ exitCode, isKilled, stderr }: StoryRun, expected: number): void {
  expect({ exitCode, isKilled }, stderr).toEqual({ exitCode: expected, isKilled: false });
}
