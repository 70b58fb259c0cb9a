import { join } from 'node:path';
import type { Benchmark } from '../measuring/bench.js';
import { writeDocuments } from '../measuring/documents.js';
import { assertSameTables, materializeByHand, materializeWithUs } from '../measuring/materializing.js';
import type { ProgramRun } from '../measuring/run-program.js';
import { spreadOf } from '../measuring/statistics.js';
import { number, spread, table } from '../measuring/table.js';

export const materialize: Benchmark = {
  name: 'materialize',
  question:
    'How fast does aftercommit run read documents into SQLite, and does its memory depend on how many there are?',
  async run(bench) {
    const count = bench.isQuick ? 5_000 : 100_000;
    const rounds = bench.isQuick ? 1 : 3;
    const file = join(bench.folder, 'documents.ndjson');
    const tenfold = join(bench.folder, 'ten-times.ndjson');
    await writeDocuments(file, count);
    await assertSameTables(bench.folder, file);
    await writeDocuments(tenfold, 10 * count);
    const ours: ProgramRun[] = [];
    const byHand: ProgramRun[] = [];
    for (let round = 0; round < rounds; round += 1) {
      byHand.push(await materializeByHand(bench.folder, file));
      ours.push(await materializeWithUs(bench.folder, file));
    }
    const tenTimes = {
      byHand: await materializeByHand(bench.folder, tenfold),
      ours: await materializeWithUs(bench.folder, tenfold),
    };
    const speed = spreadOf(byHand.map(({ tookMs }, round) => tookMs / (ours[round]?.tookMs ?? Number.NaN)));
    const processor = spreadOf(
      byHand.map(({ processorMs }, round) => processorMs / (ours[round]?.processorMs ?? Number.NaN)),
    );
    const speedOfTenTimes = tenTimes.byHand.tookMs / tenTimes.ours.tookMs;
    const memory = tenTimes.ours.peakMib / spreadOf(ours.map(({ peakMib }) => peakMib)).median;
    const rows = [
      [`hand-written loop, ${number(count)}`, ...cellsOf(byHand)],
      [`aftercommit run, ${number(count)}`, ...cellsOf(ours)],
      [`hand-written loop, ${number(10 * count)}`, ...cellsOf([tenTimes.byHand])],
      [`aftercommit run, ${number(10 * count)}`, ...cellsOf([tenTimes.ours])],
    ];
    const text = [
      table(['documents', 'ms, process start to end', 'ms of a processor', 'peak RSS, MiB'], rows),
      '',
      `Speed, to the hand-written loop: ${spread(speed)}; with ten times the documents: ${number(speedOfTenTimes)}.`,
      `Processor time alone: ${spread(processor)}; with ten times the documents: ${number(tenTimes.byHand.processorMs / tenTimes.ours.processorMs)}.`,
      `Peak memory with ten times the documents, to that with ${number(count)}: ${number(memory)}.`,
    ].join('\n');
    return { text, data: { count, ours, byHand, tenTimes, speed, processor, speedOfTenTimes, memory } };
  },
};

function cellsOf(runs: readonly ProgramRun[]): string[] {
  const of = (what: keyof ProgramRun) => spreadOf(runs.map((run) => run[what]));
  return [spread(of('tookMs')), spread(of('processorMs')), number(of('peakMib').median)];
}
