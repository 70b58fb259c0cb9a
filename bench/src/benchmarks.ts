import { latency } from './benchmarks/latency.js';
import { noTriggers } from './benchmarks/no-triggers.js';
import { oneTask } from './benchmarks/one-task.js';
import { sixteenTasks } from './benchmarks/sixteen-tasks.js';
import { slowReceiver } from './benchmarks/slow-receiver.js';
import type { Benchmark } from './measuring/bench.js';

export const benchmarks: readonly Benchmark[] = [oneTask, sixteenTasks, latency, noTriggers, slowReceiver];
