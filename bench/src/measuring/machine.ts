import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { spreadOf } from './statistics.js';
import { number, spread } from './table.js';

/** What the numbers were measured on, and how long its disk takes for what durable commits wait for. */
export function describeMachine(folder: string): { text: string; data: unknown } {
  const syncUs = spreadOf(timeSyncs(join(folder, 'fdatasync')));
  const machine = {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    load: loadavg().map((load) => Number(load.toFixed(1))),
    syncUs,
  };
  const text =
    `${machine.cores} cores (${machine.processor}), ${machine.memoryGib} GiB, Linux ${machine.kernel}, Node ${machine.node}, ` +
    `load ${number(machine.load[0] ?? 0)}; fdatasync of 8 KiB in ${folder}: ${spread(syncUs)} µs`;
  return { text, data: machine };
}

function timeSyncs(path: string): number[] {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(8192, 1);
  const times: number[] = [];
  for (let index = 0; index < 200; index += 1) {
    const startedAt = performance.now();
    writeSync(file, block, 0, block.length, index * block.length);
    fdatasyncSync(file);
    times.push((performance.now() - startedAt) * 1000);
  }
  closeSync(file);
  return times;
}
