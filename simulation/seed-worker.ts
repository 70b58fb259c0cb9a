/** Tells the stories of the seeds that it is sent, and answers with what came of them. */
import { Violation } from './checks/violation.js';
import { Story } from './story.js';

/** Seeds to try, from the first on. */
export type SeedRange = { from: number; count: number; isStoppingAtFailure: boolean };

/** A story in which something happened that must not. */
export type Failure = { seed: number; invariant: string; message: string };

/** What came of a range. */
export type RangeReport = { told: number; totals: Record<string, number>; failures: Failure[] };

process.on('message', (range: SeedRange) => {
  void tellRange(range).then((report) => process.send?.(report));
});

async function tellRange({ from, count, isStoppingAtFailure }: SeedRange): Promise<RangeReport> {
  const report: RangeReport = { told: 0, totals: {}, failures: [] };
  for (let seed = from; seed < from + count; seed += 1) {
    report.told += 1;
    try {
      for (const [name, number] of Object.entries(await new Story(seed).tell())) {
        report.totals[name] = (report.totals[name] ?? 0) + number;
      }
    } catch (error) {
      report.failures.push(failureOf(seed, error));
      if (isStoppingAtFailure) break;
    }
  }
  return report;
}

function failureOf(seed: number, error: unknown): Failure {
  if (error instanceof Violation) return { seed, invariant: error.invariant, message: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { seed, invariant: 'unexplained', message };
}
