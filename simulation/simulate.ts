/** `pnpm simulate`: tells stories from seeds, each with crashes, freezes and faults, and says which broke an invariant. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { bundleProgram } from '../tests/bundle-program.js';
import { failureText } from './failure-text.js';
import { Story } from './story.js';
import { tellSeeds } from './tell-seeds.js';

const usage = `Usage: pnpm simulate [--seeds N] [--from S] [--processes P] [--keep-going] [--trace]

  --seeds N        how many stories to tell (default 2000)
  --from S         the first seed (default 1)
  --processes P    how many at a time (default: one for each core)
  --keep-going     tell all of them, also after a failure
  --trace          tell one story, and print everything that happens in it`;

process.exitCode = await simulate(process.argv.slice(2));

async function simulate(args: readonly string[]): Promise<number> {
  const given = readArguments(args);
  if (given === undefined) return 2;
  if (given.isTracing) return await trace(given.from);
  const worker = await bundleProgram('simulation/seed-worker.ts', 'seed-worker');
  const startedAt = performance.now();
  const { told, totals, failures } = await tellSeeds({
    worker,
    from: given.from,
    seeds: given.seeds,
    processes: given.processes,
    isStoppingAtFailure: !given.isKeepingGoing,
    onProgress: (count) => showProgress(count, given.seeds),
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  for (const failure of failures) console.error(failureText(failure));
  console.log(`${told} stories in ${seconds.toFixed(1)} s, ${failures.length} failed.`);
  for (const [name, count] of Object.entries(totals)) console.log(`  ${name.padEnd(44)} ${String(count).padStart(10)}`);
  return failures.length === 0 ? 0 : 1;
}

type Given = { seeds: number; from: number; processes: number; isKeepingGoing: boolean; isTracing: boolean };

function readArguments(args: readonly string[]): Given | undefined {
  try {
    const { values } = parseArgs({
      // pnpm hands on the dashes that separate its own options.
      args: args.filter((arg) => arg !== '--'),
      options: {
        seeds: { type: 'string', default: '2000' },
        from: { type: 'string', default: '1' },
        processes: { type: 'string', default: String(availableParallelism()) },
        'keep-going': { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
      },
    });
    return {
      seeds: wholeNumber('--seeds', values.seeds, 1),
      from: wholeNumber('--from', values.from, 0),
      processes: wholeNumber('--processes', values.processes, 1),
      isKeepingGoing: values['keep-going'],
      isTracing: values.trace,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return undefined;
  }
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  throw new RangeError(`${option} is a whole number, at least ${least}, and not ${JSON.stringify(text)}.`);
}

async function trace(seed: number): Promise<number> {
  try {
    const report = await new Story(seed, (line) => console.log(line)).tell();
    console.log(report);
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

function showProgress(told: number, seeds: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${told} of ${seeds} stories`);
}
