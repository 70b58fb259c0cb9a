import { everyone } from '../contenders/everyone.js';
import type { Benchmark } from '../measuring/bench.js';
import { holdContest } from '../measuring/contest.js';
import { contestFinding } from './contest-finding.js';

export const sixteenTasks: Benchmark = {
  name: 'sixteen-tasks',
  question: 'How many transactions do sixteen tasks do side by side, in one process and on one database?',
  servers: true,
  async run(bench) {
    const rules = bench.isQuick ? { rounds: 2, sliceMs: 200 } : { rounds: 18, sliceMs: 300 };
    return contestFinding(await holdContest(bench, everyone, { tasks: 16, ...rules }));
  },
};
