import type { ParkedChangeArguments } from './kept/parked-change-command.js';
import type { RunArguments } from './run-command.js';

/** What each command does, with what was given to it: returns the exit code. */
export type Commands = {
  run(given: RunArguments): Promise<number>;
  validate(specPath: string, isJson: boolean): number;
  plan(given: Looking): Promise<number>;
  status(given: Looking): Promise<number>;
  verify(given: Looking & { all: boolean }): Promise<number>;
  parkedList(given: Looking): Promise<number>;
  parkedShow(given: Looking & { key: string }): Promise<number>;
  parkedChange(given: ParkedChangeArguments): Promise<number>;
};

/** Whose state is looked at, and for whom. */
export type Looking = { specPath: string; state?: string; json: boolean };
