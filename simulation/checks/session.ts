import type { RunningConfiguration } from '../configuration/configuration.js';
import type { DiskStore } from '../world/disk-store.js';
import type { SimulatedProcess } from '../world/simulated-process.js';

/** One run of the task by one process, as it is seen from outside. */
export type Session = {
  name: string;
  process: SimulatedProcess;
  store: DiskStore;
  configuration: RunningConfiguration;
  /** The random token under which it opened the task. Undefined: it has not asked for that yet. */
  owner: string | undefined;
  /** When it asked for that, in milliseconds since the world began. */
  openedAtMs: number;
  /** Whether its first write, which reconciles, is durable. */
  hasReconciled: boolean;
  /** Whether a write of its process failed on its way, or its outcome is unknown: not every such error is the one that is told. */
  hasLostWrite: boolean;
  /** Whether an opening was lost in a failover: its own, or that of another one which had fenced it. */
  hasLostOpening: boolean;
  /** Whether it has begun to end. */
  isEnding: boolean;
  /** Attempts whose end it waits for. */
  inFlight: number;
  /** Those of the same process that were ending when it began: it opens the store only after them. */
  after: readonly Session[];
  /** How it ended by itself. Undefined: it has not, or it was killed. */
  end: { code: string | undefined } | undefined;
};
