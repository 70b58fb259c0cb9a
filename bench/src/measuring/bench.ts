import type { Receiver } from '../servers/receiver.js';
import type { Servers } from '../servers/servers.js';

/** What every benchmark works with. */
export type Bench = {
  /** A new folder of this run, on the disk that is measured. */
  folder: string;
  receiver: Receiver;
  servers: Servers;
  /** A smoke run: everything once, numbers that mean little. */
  isQuick: boolean;
};

/** What a benchmark found out. */
export type Finding = {
  /** Tables and sentences, in Markdown. */
  text: string;
  /** The numbers behind them, for the JSON file. */
  data: unknown;
};

export interface Benchmark {
  readonly name: string;
  /** The question that it answers. */
  readonly question: string;
  /** The servers it needs when they are there. */
  readonly servers?: boolean;
  run(bench: Bench): Promise<Finding>;
}
