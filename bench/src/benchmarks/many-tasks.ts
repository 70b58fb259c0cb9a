import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from '../measuring/bench.js';
import { elapsedMs } from '../measuring/elapsed.js';
import { number, table } from '../measuring/table.js';
import type { IdleReport, ManyTasksOrder, RecoveryReport } from '../programs/many-tasks-program.js';

export const manyTasks: Benchmark = {
  name: 'many-tasks',
  question:
    'What do ten thousand tasks in one process cost while nothing happens, and how soon do they deliver after a crash?',
  async run(bench) {
    const tasks = bench.isQuick ? 100 : 10_000;
    const path = join(mkdtempSync(join(bench.folder, 'many-')), 'state.db');
    const order = { path, url: bench.receiver.url, tasks, idleMs: bench.isQuick ? 500 : 5_000 };
    const idle: IdleReport = await carryOut({ mode: 'idle', ...order });
    await bench.receiver.take();
    const recovery: RecoveryReport = await carryOut({ mode: 'recover', ...order });
    const { count, firstAtNs, mostInFlight } = await bench.receiver.take();
    if (count !== tasks) throw new Error(`${count} of ${tasks} deliveries arrived after the crash`);
    const firstMs = elapsedMs(BigInt(recovery.startedAtNs), firstAtNs);
    const text = table(
      [`${number(tasks)} tasks, one trigger each`, ''],
      [
        ['opening all of them, empty', `${number(idle.openingMs)} ms`],
        ['JavaScript heap for each', `${number(idle.heapBytesPerTask / 1024)} KiB`],
        ['resident memory for each', `${number(idle.rssBytesPerTask / 1024)} KiB`],
        ['its configuration, compiled: part of opening', `${number(idle.compiling.processorMs)} ms of a processor`],
        ['its heap, part of the above', `${number(idle.compiling.heapBytes / 1024)} KiB`],
        ['timers while idle', number(idle.timers)],
        ['processor while idle', `${number(idle.cpuShare * 100)} % of a core`],
        ['after a crash: first delivery arrives', `${number(firstMs)} ms after the first task begins to open`],
        ['all are open', `${number(recovery.openingMs)} ms`],
        ['all are delivered and cleared', `${number(recovery.tookMs)} ms`],
        ['most deliveries at one time (each takes 20 ms)', number(mostInFlight)],
      ],
    );
    return { text, data: { tasks, idle, recovery, firstMs, mostInFlight } };
  },
};

async function carryOut<Report>(order: ManyTasksOrder): Promise<Report> {
  const program = fileURLToPath(new URL('../programs/many-tasks-program.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(order)], { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const [report] = await Promise.race([once(child, 'message'), endedWithout(child)]);
  await once(child, 'exit');
  return report as Report;
}

async function endedWithout(child: ReturnType<typeof fork>): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`The program with many tasks ended with ${code}, and reported nothing`);
}
