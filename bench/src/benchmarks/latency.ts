import { aftercommit } from '../contenders/aftercommit.js';
import type { Contender, RunningContender } from '../contenders/contender.js';
import { floorWithGot, floorWithUndici } from '../contenders/floor.js';
import type { Bench, Benchmark } from '../measuring/bench.js';
import { settingOf } from '../measuring/contest.js';
import { elapsedMs } from '../measuring/elapsed.js';
import { quantile, spreadOf } from '../measuring/statistics.js';
import { number, spread, table } from '../measuring/table.js';
import type { Arrival } from '../servers/receiver.js';

/** One that is measured: a contender with so many triggers. */
type Subject = { name: string; contender: Contender; triggers: number };

type Commit = { beganNs: bigint; endedNs: bigint };

type Times = { arrivalMs: number[]; commitMs: number[] };

const subjects: readonly Subject[] = [
  { name: 'aftercommit', contender: aftercommit, triggers: 1 },
  { name: 'floor + got', contender: floorWithGot, triggers: 1 },
  { name: 'floor + undici', contender: floorWithUndici, triggers: 1 },
  { name: 'aftercommit, no triggers', contender: aftercommit, triggers: 0 },
  { name: 'aftercommit, 4 triggers', contender: aftercommit, triggers: 4 },
];

export const latency: Benchmark = {
  name: 'latency',
  question:
    'How long after a commit does its delivery arrive, and how long does a commit take with and without triggers?',
  async run(bench) {
    const rounds = bench.isQuick ? 2 : 20;
    const perRound = bench.isQuick ? 10 : 40;
    const all = new Map<string, Times[]>();
    const running: RunningContender[] = [];
    try {
      for (const { name, contender, triggers } of subjects) {
        running.push(await contender.open(settingOf(bench, { ...contender, name }, 1, triggers)));
      }
      // The first round warms up.
      for (let round = 0; round <= rounds; round += 1) {
        const measured = await measureInTurn(bench, running, 100_000 + round * perRound, perRound);
        if (round > 0) for (const [name, times] of measured) all.set(name, [...(all.get(name) ?? []), times]);
      }
    } finally {
      for (const runner of running) await runner.close();
    }
    return findingOf(all);
  },
};

/** One transaction of each in turn: what else the machine does hits all alike. */
async function measureInTurn(
  bench: Bench,
  running: readonly RunningContender[],
  first: number,
  count: number,
): Promise<Map<string, Times>> {
  await bench.receiver.take({ keep: true });
  const commits = new Map(subjects.map(({ name }): [string, Commit[]] => [name, []]));
  for (let number = first; number < first + count; number += 1) {
    for (const offset of subjects.keys()) {
      const place = (offset + number) % subjects.length;
      const { name } = subjects[place] as Subject;
      const commit = { beganNs: 0n, endedNs: 0n };
      await running[place]?.run({
        task: 0,
        number,
        committing: () => {
          commit.beganNs = process.hrtime.bigint();
        },
        committed: () => {
          commit.endedNs = process.hrtime.bigint();
        },
      });
      commits.get(name)?.push(commit);
    }
  }
  const { arrivals } = await bench.receiver.take();
  return new Map([...commits].map(([name, ofOne]) => [name, timesOf(name, ofOne, first, arrivals)]));
}

function timesOf(name: string, commits: readonly Commit[], first: number, arrivals: readonly Arrival[]): Times {
  const own = arrivals.filter(({ path }) => path.startsWith(`/${encodeURIComponent(name)}/`));
  const arrivalMs = own.map(({ atNs, body }) => {
    const { bytes }: { bytes: number } = JSON.parse(body);
    return elapsedMs(commits[bytes - first]?.endedNs ?? 0n, atNs);
  });
  return { arrivalMs, commitMs: commits.map(({ beganNs, endedNs }) => elapsedMs(beganNs, endedNs)) };
}

function findingOf(all: ReadonlyMap<string, Times[]>) {
  const rows = [...all].map(([name, rounds]) => {
    const arrivals = rounds.flatMap(({ arrivalMs }) => arrivalMs);
    const commits = rounds.flatMap(({ commitMs }) => commitMs);
    return {
      name,
      arrivalMs: { median: quantile(arrivals, 0.5), p95: quantile(arrivals, 0.95) },
      commitMs: { median: quantile(commits, 0.5), p95: quantile(commits, 0.95) },
    };
  });
  const cells = rows.map(({ name, arrivalMs, commitMs }) => [
    name,
    number(arrivalMs.median),
    number(arrivalMs.p95),
    number(commitMs.median),
    number(commitMs.p95),
  ]);
  const arrival = ratioOfMedians(all, 'aftercommit', 'floor + got', 'arrivalMs');
  const commit = ratioOfMedians(all, 'aftercommit', 'aftercommit, no triggers', 'commitMs');
  const commitOfFour = ratioOfMedians(all, 'aftercommit, 4 triggers', 'aftercommit, no triggers', 'commitMs');
  const head = ['', 'arrives after ms, median', 'p95', 'commit takes ms, median', 'p95'];
  const text = [
    table(head, cells),
    '',
    `Commit to arrival, to the floor with got: ${spread(arrival)}.`,
    `A commit with one trigger, to one with none: ${spread(commit)}; with four: ${spread(commitOfFour)}.`,
  ].join('\n');
  return { text, data: { rows, arrival, commit, commitOfFour } };
}

/** Of the medians of each round, which share what else the machine did. */
function ratioOfMedians(all: ReadonlyMap<string, Times[]>, one: string, other: string, what: keyof Times) {
  const mediansOf = (name: string) => (all.get(name) ?? []).map((times) => quantile(times[what], 0.5));
  const below = mediansOf(other);
  return spreadOf(mediansOf(one).map((median, round) => median / (below[round] ?? Number.NaN)));
}
