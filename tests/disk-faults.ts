import type { DiskBench } from './disk-bench.js';

/** One fault of a disk, and what has to follow from it. */
export type DiskCase = {
  title: string;
  /** @returns Why it cannot be met on this machine; undefined: it was. */
  run: (bench: DiskBench) => Promise<string | undefined>;
};
