import { aftercommit } from '../contenders/aftercommit.js';
import type { Contender, RunningContender } from '../contenders/contender.js';
import { floorWithGot, floorWithUndici } from '../contenders/floor.js';
import type { Bench, Benchmark } from '../measuring/bench.js';
import { settingOf } from '../measuring/contest.js';
import { elapsedMs } from '../measuring/elapsed.js';
import { quantile, spreadOf } from '../measuring/statistics.js';
import { number, spread, table } from '../measuring/table.js';

/** One that is measured: a contender with so many triggers. */
type Subject = { name: string; contender: Contender; triggers: number };

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
    const rounds = bench.isQuick ? 2 : 25;
    const perRound = bench.isQuick ? 10 : 40;
    const all = new Map<string, Times[]>();
    const running: RunningContender[] = [];
    try {
      for (const { contender, triggers } of subjects) {
        running.push(await contender.open(settingOf(bench, contender, 1, triggers)));
      }
      // The first round warms up.
      for (let round = 0; round <= rounds; round += 1) {
        for (const [place, subject] of subjects.entries()) {
          const runner = running[place] as RunningContender;
          const times = await measure(bench, subject, runner, 100_000 + round * perRound, perRound);
          if (round > 0) all.set(subject.name, [...(all.get(subject.name) ?? []), times]);
        }
      }
    } finally {
      for (const runner of running) await runner.close();
    }
    return findingOf(all);
  },
};

async function measure(
  bench: Bench,
  { triggers }: Subject,
  runner: RunningContender,
  first: number,
  count: number,
): Promise<Times> {
  await bench.receiver.take({ keep: true });
  const commitMs: number[] = [];
  const committedAt = new Map<number, bigint>();
  for (let number = first; number < first + count; number += 1) {
    let beganAt = 0n;
    await runner.run({
      task: 0,
      number,
      committing: () => {
        beganAt = process.hrtime.bigint();
      },
      committed: () => {
        const nowNs = process.hrtime.bigint();
        committedAt.set(number, nowNs);
        commitMs.push(elapsedMs(beganAt, nowNs));
      },
    });
  }
  const { arrivals } = await bench.receiver.take();
  if (arrivals.length !== count * triggers) throw new Error(`${arrivals.length} deliveries of ${count} arrived`);
  const arrivalMs = arrivals.map(({ atNs, body }) => {
    const { bytes }: { bytes: number } = JSON.parse(body);
    return elapsedMs(committedAt.get(bytes) ?? 0n, atNs);
  });
  return { arrivalMs, commitMs };
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
