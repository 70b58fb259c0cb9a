import type { Servers } from '../servers/servers.js';

/** What every contender is given. */
export type Setting = {
  /** An empty folder of its own. */
  folder: string;
  /** How many tasks run side by side, in one process and on one database. */
  tasks: number;
  /** Where each transaction of a task is delivered to: one URL for each of its triggers. */
  triggerUrls(task: number): string[];
  servers: Servers;
};

/** One transaction of one task. Its number is in the payload, as `bytes`. */
export type Work = {
  task: number;
  /** From 1, rising within the task. */
  number: number;
  /** Called right before what commits is called, and right after it is known to be durable. */
  committing?: () => void;
  committed?: () => void;
};

/**
 * The same job, done by different means. One transaction is: one atomic, durable commit of the task's runtime checkpoint
 * and a window for each trigger; one HTTP delivery for each trigger, of the payload rendered from the window; and one
 * durable note that it was delivered.
 */
export interface Contender {
  readonly name: string;
  /** The server it needs; undefined: none. */
  readonly needs?: keyof Servers;
  /** What was chosen, and why that is its fastest durable setting; and in what it does less than the job. */
  readonly choices: string;
  open(setting: Setting): Promise<RunningContender>;
}

/** A contender that is ready. */
export interface RunningContender {
  /** Does one transaction; resolves when everything of it is delivered and durably cleared. One at a time for each task. */
  run(work: Work): Promise<void>;
  close(): Promise<void>;
}
