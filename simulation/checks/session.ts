import type { RunningConfiguration } from '../configuration/configuration.js';
import type { SimulatedProcess } from '../world/simulated-process.js';

/** One run of the task by one process, as it is seen from outside. */
export type Session = {
  process: SimulatedProcess;
  configuration: RunningConfiguration;
  /** The random token under which it opened the task. Undefined: it has not asked for that yet. */
  owner: string | undefined;
  /** Whether its first write, which reconciles, is durable. */
  hasReconciled: boolean;
  /** Whether an opening was lost in a failover: its own, or that of another one which had fenced it. */
  hasLostOpening: boolean;
  /** How it ended by itself. Undefined: it has not, or it was killed. */
  end: { code: string | undefined } | undefined;
};
