import { growth } from './benchmarks/growth.js';
import { latency } from './benchmarks/latency.js';
import { manyTasks } from './benchmarks/many-tasks.js';
import { materialize } from './benchmarks/materialize.js';
import { noTriggers } from './benchmarks/no-triggers.js';
import { oneTask } from './benchmarks/one-task.js';
import { profile } from './benchmarks/profile.js';
import { sixteenTasks } from './benchmarks/sixteen-tasks.js';
import { slowReceiver } from './benchmarks/slow-receiver.js';
import { stores } from './benchmarks/stores.js';
import type { Benchmark } from './measuring/bench.js';

export const benchmarks: readonly Benchmark[] = [
  oneTask,
  sixteenTasks,
  latency,
  noTriggers,
  slowReceiver,
  materialize,
  manyTasks,
  growth,
  stores,
  profile,
];
