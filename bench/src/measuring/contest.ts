import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, RunningContender, Setting } from '../contenders/contender.js';
import { factsOf, renderByHand } from '../contenders/payload.js';
import type { Bench } from './bench.js';
import { type Spread, spreadOf } from './statistics.js';

/** Transactions are counted from here: with six digits each, payloads are of one length. */
const firstNumber = 100_000;

/** How a contest is held. */
export type ContestRules = {
  tasks: number;
  /** Of each task. Default 1. */
  triggers?: number;
  rounds: number;
  /** How long each contender works in each round. */
  sliceMs: number;
};

/** Transactions per second of one contender in each round, in the order of rounds. */
export type Score = { contender: Contender; rates: number[] };

/**
 * Lets contenders do the same work in turn: A B C, B C A, … for a slice of time each, so that what else the machine does
 * hits all of them alike. All are open all the time. After each slice the receiver must have got exactly one
 * delivery for each trigger of each transaction, and all of one length.
 */
export async function holdContest(
  bench: Bench,
  contenders: readonly Contender[],
  rules: ContestRules,
): Promise<Score[]> {
  const present = contenders.filter(({ needs }) => needs === undefined || bench.servers[needs] !== undefined);
  const running: Array<Score & { runner: RunningContender; numbers: number[] }> = [];
  try {
    for (const contender of present) {
      const runner = await contender.open(settingOf(bench, contender, rules.tasks, rules.triggers ?? 1));
      const entry = { contender, rates: [], runner, numbers: Array.from({ length: rules.tasks }, () => 0) };
      running.push(entry);
      await slice(bench, entry, rules, rules.sliceMs / 2); // warms up: not counted
    }
    for (let round = 0; round < rules.rounds; round += 1) {
      for (const place of running.keys()) {
        const entry = running[(place + round) % running.length] as (typeof running)[number];
        entry.rates.push(await slice(bench, entry, rules, rules.sliceMs));
      }
    }
  } finally {
    for (const { runner } of running) await runner.close();
  }
  return running.map(({ contender, rates }) => ({ contender, rates }));
}

export function settingOf(bench: Bench, { name }: Contender, tasks: number, triggers: number): Setting {
  const path = encodeURIComponent(name);
  return {
    folder: mkdtempSync(join(bench.folder, 'contender-')),
    tasks,
    triggerUrls: (task) =>
      Array.from({ length: triggers }, (_, trigger) => `${bench.receiver.url}/${path}/${task}/${trigger}`),
    servers: bench.servers,
  };
}

async function slice(
  bench: Bench,
  { contender, runner, numbers }: { contender: Contender; runner: RunningContender; numbers: number[] },
  { triggers = 1 }: ContestRules,
  durationMs: number,
): Promise<number> {
  await bench.receiver.take();
  const startedAt = performance.now();
  const before = [...numbers];
  await Promise.all(
    numbers.map(async (_, task) => {
      while (performance.now() - startedAt < durationMs) {
        const number = (numbers[task] ?? 0) + 1;
        numbers[task] = number;
        await runner.run({ task, number: firstNumber + number });
      }
    }),
  );
  const tookMs = performance.now() - startedAt;
  const { count, bytes } = await bench.receiver.take();
  const done = numbers.map((number, task) => number - (before[task] ?? 0));
  const transactions = done.reduce((sum, each) => sum + each, 0);
  if (count !== transactions * triggers) {
    throw new Error(`${contender.name}: ${count} deliveries arrived of ${transactions} transactions`);
  }
  const expected = done.reduce((sum, each, task) => sum + each * triggers * payloadBytes(task), 0);
  if (bytes !== expected) throw new Error(`${contender.name}: ${bytes} bytes arrived instead of ${expected}`);
  return transactions / (tookMs / 1000);
}

/** How long every payload of a task is: everybody sends the same. */
function payloadBytes(task: number): number {
  return renderByHand(factsOf(task, firstNumber)).length;
}

/** Each round's ratio of one contender to another: what the machine did in that round, it did to both. */
export function ratios(scores: readonly Score[], one: string, other: string): Spread | undefined {
  const find = (name: string) => scores.find(({ contender }) => contender.name === name)?.rates;
  const [above, below] = [find(one), find(other)];
  if (above === undefined || below === undefined) return undefined;
  return spreadOf(above.map((rate, round) => rate / (below[round] ?? Number.NaN)));
}
