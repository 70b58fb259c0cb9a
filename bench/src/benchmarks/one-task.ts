import { everyone } from '../contenders/everyone.js';
import type { Benchmark } from '../measuring/bench.js';
import { holdContest } from '../measuring/contest.js';
import { contestFinding } from './contest-finding.js';

export const oneTask: Benchmark = {
  name: 'one-task',
  question: 'How many transactions does one task do, when each waits for its delivery?',
  servers: true,
  async run(bench) {
    const rules = bench.isQuick ? { rounds: 2, sliceMs: 150 } : { rounds: 40, sliceMs: 125 };
    return contestFinding(await holdContest(bench, everyone, { tasks: 1, ...rules }));
  },
};
