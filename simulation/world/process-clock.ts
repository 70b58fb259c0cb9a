import type { Clock } from '@aftercommit/registry';
import type { Network } from './network.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { WallClock } from './wall-clock.js';

/**
 * The clock of one session. Trigger kinds are given nothing of their session but this, so it also leads the simulated kind
 * to the network, and tells there whose attempt it is.
 */
export class ProcessClock implements Clock {
  readonly process: SimulatedProcess;
  readonly network: Network;
  readonly #wall: WallClock;

  constructor(process: SimulatedProcess, wall: WallClock, network: Network) {
    this.process = process;
    this.network = network;
    this.#wall = wall;
  }

  now(): number {
    return this.#wall.nowMs;
  }

  monotonic(): number {
    return this.process.scheduler.nowMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return this.process.sleep(durationMs, signal);
  }
}
