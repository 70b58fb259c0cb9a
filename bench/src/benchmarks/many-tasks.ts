import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, Benchmark } from '../measuring/bench.js';
import { number, table } from '../measuring/table.js';
import type { IdleReport, ManyTasksOrder, RecoveryReport, SeedReport } from '../programs/many-tasks-program.js';

/** Side by side: more would only wait for each other. */
const sideBySide = 64;

/** Not more than so many attempts at one time, whatever has to be caught up. */
const slots = 256;

export const manyTasks: Benchmark = {
  name: 'many-tasks',
  question:
    'What do ten thousand tasks in one process cost while nothing happens, and how soon do they deliver after a crash?',
  async run(bench) {
    const tasks = bench.isQuick ? 100 : 10_000;
    const order = orderOf(bench, tasks);
    const idle = await carryOut<IdleReport>({ ...order, mode: 'leave' });
    const recovery = await recover(bench, order);
    const again = await carryOut<IdleReport>({ ...order, mode: 'idle' });
    const inTurn = await carryOut<IdleReport>({ ...order, mode: 'idle', openingAtOnce: 1 });
    const old = await withHistory(bench);
    const text = [
      table(
        [`${number(tasks)} tasks, one trigger each`, ''],
        [
          ['memory of an idle one: JavaScript heap', kib(idle.heapBytesPerTask)],
          ['… resident', kib(idle.rssBytesPerTask)],
          ['its configuration, compiled: heap, part of the above', kib(idle.compiling?.heapBytes)],
          ['compiling it', `${number(idle.compiling?.processorMs ?? Number.NaN)} ms of a processor`],
          [`memory of one with ${number(old.commits)} commits behind it: heap`, kib(old.idle.heapBytesPerTask)],
          ['timers while idle', number(idle.timers)],
          ['processor while idle', `${number(idle.cpuShare * 100)} % of a core`],
        ],
      ),
      table(
        ['opening', 'all of them, ms', 'each, ms'],
        [
          [`new ones, ${sideBySide} side by side`, ...opening(idle, tasks)],
          [`known ones, ${sideBySide} side by side`, ...opening(again, tasks)],
          ['known ones, one after the other', ...opening(inTurn, tasks)],
          [`known ones with ${number(old.commits)} commits behind them`, ...opening(old.idle, old.tasks)],
        ],
      ),
      table(
        ['after a crash, each with something to deliver: from the start of the process', 'ms'],
        [
          ['Node and the packages are loaded', number(recovery.loadedAfterMs)],
          ['the first delivery arrives', number(recovery.firstAfterMs)],
          ['all tasks are open', number(recovery.openAfterMs)],
          ['the last delivery arrives', number(recovery.lastAfterMs)],
          ['everything is cleared', number(recovery.clearedMs)],
          [`most deliveries at one time, of ${number(slots)} allowed; each takes 20 ms`, number(recovery.mostInFlight)],
        ],
      ),
    ].join('\n\n');
    return { text, data: { tasks, slots, idle, recovery, again, inTurn, old } };
  },
};

function orderOf({ folder, isQuick, receiver }: Bench, tasks: number): Omit<ManyTasksOrder, 'mode'> {
  const path = join(mkdtempSync(join(folder, 'many-')), 'state.db');
  const idleMs = isQuick ? 500 : 5_000;
  return { path, url: receiver.url, tasks, openingAtOnce: sideBySide, slots, idleMs, history: 0 };
}

type Recovery = RecoveryReport & { firstAfterMs: number; lastAfterMs: number; mostInFlight: number };

async function recover({ receiver }: Bench, order: Omit<ManyTasksOrder, 'mode'>): Promise<Recovery> {
  await receiver.take();
  const report = await carryOut<RecoveryReport>({ ...order, mode: 'recover' });
  const { count, firstAtNs, lastAtNs, mostInFlight } = await receiver.take();
  if (count !== order.tasks) throw new Error(`${count} of ${order.tasks} deliveries arrived after the crash`);
  if (mostInFlight > order.slots) throw new Error(`${mostInFlight} deliveries at one time, of ${order.slots} allowed`);
  const afterMs = (atNs: bigint): number => Number(atNs - BigInt(report.startedAtNs)) / 1e6;
  return { ...report, firstAfterMs: afterMs(firstAtNs), lastAfterMs: afterMs(lastAtNs), mostInFlight };
}

/** Fewer of them: what lies in the store is a thousand times as much. */
async function withHistory(bench: Bench): Promise<{ tasks: number; commits: number; idle: IdleReport }> {
  const tasks = bench.isQuick ? 10 : 500;
  const commits = bench.isQuick ? 50 : 1_000;
  const order = orderOf(bench, tasks);
  await carryOut<SeedReport>({ ...order, mode: 'seed', history: commits });
  return { tasks, commits, idle: await carryOut<IdleReport>({ ...order, mode: 'idle' }) };
}

function kib(bytes = Number.NaN): string {
  return `${number(bytes / 1024)} KiB`;
}

function opening({ openingMs }: SeedReport, tasks: number): [string, string] {
  return [number(openingMs), number(openingMs / tasks)];
}

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
