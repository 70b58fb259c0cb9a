import { type ChildProcess, fork } from 'node:child_process';
import type { RangeReport, SeedRange } from './seed-worker.js';

/** Which seeds, and how. */
export type Telling = {
  /** The bundle of `seed-worker.ts`. */
  worker: string;
  from: number;
  seeds: number;
  /** Processes side by side. */
  processes: number;
  /** Ends with the first failure. */
  isStoppingAtFailure: boolean;
  /** Told after each range how many stories were told so far. */
  onProgress?: (told: number) => void;
};

const rangeLength = 20;

/** Tells the stories of many seeds on several processes. Failures come back in the order of their seeds. */
export async function tellSeeds(telling: Telling): Promise<RangeReport> {
  const { from, seeds, onProgress } = telling;
  const whole: RangeReport = { told: 0, totals: {}, failures: [] };
  let next = from;
  const takeRange = (): SeedRange | undefined => {
    const hasEnded = telling.isStoppingAtFailure && whole.failures.length > 0;
    const count = hasEnded ? 0 : Math.min(rangeLength, from + seeds - next);
    if (count <= 0) return undefined;
    const range = { from: next, count, isStoppingAtFailure: telling.isStoppingAtFailure };
    next += count;
    return range;
  };
  const add = (report: RangeReport): void => {
    whole.told += report.told;
    whole.failures.push(...report.failures);
    for (const [name, number] of Object.entries(report.totals)) whole.totals[name] = (whole.totals[name] ?? 0) + number;
    onProgress?.(whole.told);
  };
  await Promise.all(Array.from({ length: telling.processes }, () => work(telling.worker, takeRange, add)));
  whole.failures.sort((left, right) => left.seed - right.seed);
  return whole;
}

async function work(
  worker: string,
  takeRange: () => SeedRange | undefined,
  add: (report: RangeReport) => void,
): Promise<void> {
  const child = fork(worker, { execArgv: ['--enable-source-maps'] });
  try {
    for (let range = takeRange(); range !== undefined; range = takeRange()) add(await ask(child, range));
  } finally {
    child.kill();
  }
}

function ask(child: ChildProcess, range: SeedRange): Promise<RangeReport> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`A worker ended with ${code} among the seeds from ${range.from} on.`));
    };
    child.once('exit', onExit);
    child.once('message', (report) => {
      child.off('exit', onExit);
      resolve(report as RangeReport);
    });
    child.send(range);
  });
}
