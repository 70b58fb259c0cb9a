import { join } from 'node:path';
import { aftercommit } from '../contenders/aftercommit.js';
import type { Contender } from '../contenders/contender.js';
import { floorWithGot } from '../contenders/floor.js';
import type { Bench, Benchmark } from '../measuring/bench.js';
import { holdContest } from '../measuring/contest.js';
import { writeDocuments } from '../measuring/documents.js';
import { materializeByHand, materializeWithUs } from '../measuring/materializing.js';
import { growthPower, spreadOf } from '../measuring/statistics.js';
import { number, table } from '../measuring/table.js';

/** What something costs, at each size. */
type Series = { what: string; name: string; points: Array<{ size: number; cost: number }> };

/** A run over fewer documents takes less than starting does. */
const shortRun = 10_000;

/** A run over so many is made once: it takes the better part of a minute. */
const longRun = 1_000_000;

const contenders: readonly Contender[] = [aftercommit, floorWithGot];

export const growth: Benchmark = {
  name: 'growth',
  question:
    'How do costs grow with triggers, tasks and documents? (Power: 0 not at all, 1 in proportion, 2 with the square.)',
  async run(bench) {
    const sizes = bench.isQuick ? [1, 10] : [1, 10, 100, 1000];
    const documents = bench.isQuick ? [100, 1_000] : [1_000, 10_000, 100_000, 1_000_000];
    const series = [
      ...(await grow(bench, 'a transaction, by triggers', sizes, (size) => ({ tasks: 1, triggers: size }))),
      ...(await grow(bench, 'a transaction of each task, by tasks', sizes, (size) => ({ tasks: size, triggers: 1 }))),
      ...(await growDocuments(bench, documents)),
    ];
    const rows = series.map(({ what, name, points }) => [
      what,
      name,
      points.map(({ size, cost }) => `${number(size)}: ${number(cost)}`).join(', '),
      growthPower(points).toFixed(2),
    ]);
    const head = ['cost of', 'by', 'ms at each size', 'power'];
    return { text: table(head, rows), data: { series } };
  },
};

async function grow(
  bench: Bench,
  what: string,
  sizes: readonly number[],
  rulesOf: (size: number) => { tasks: number; triggers: number },
): Promise<Series[]> {
  const series = contenders.map(({ name }): Series => ({ what, name, points: [] }));
  for (const size of sizes) {
    const rules = rulesOf(size);
    const scores = await holdContest(bench, contenders, { ...rules, rounds: 2, sliceMs: bench.isQuick ? 100 : 700 });
    for (const [place, { rates }] of scores.entries()) {
      // All tasks do one transaction each in the time of one.
      series[place]?.points.push({ size, cost: (1000 * rules.tasks) / spreadOf(rates).median });
    }
  }
  return series;
}

/** In time of a processor. What a start costs, a run over one document, is left out. */
async function growDocuments(bench: Bench, sizes: readonly number[]): Promise<Series[]> {
  const ways = { aftercommit: materializeWithUs, 'hand-written loop': materializeByHand };
  const series: Series[] = [];
  for (const [name, materialize] of Object.entries(ways)) {
    const timeOf = async (size: number): Promise<number> => {
      const file = join(bench.folder, `documents-${size}.ndjson`);
      await writeDocuments(file, size);
      const times = [];
      // The less it takes, the more of it is what starting happens to cost.
      const runs = size < shortRun ? 7 : size < longRun ? 3 : 1;
      for (let run = 0; run < runs; run += 1) times.push((await materialize(bench.folder, file)).processorMs);
      return spreadOf(times).median;
    };
    const startMs = await timeOf(1);
    const points = [];
    for (const size of sizes) points.push({ size, cost: Math.max(1, (await timeOf(size)) - startMs) });
    series.push({ what: 'a run over a file, by documents (of a processor)', name, points });
  }
  return series;
}
