import type { KeptArguments } from './kept/kept-state.js';
import type { ParkedChangeArguments } from './kept/parked-change-command.js';
import type { KindsArguments } from './kinds/kinds-command.js';
import type { RunArguments } from './run-command.js';
import type { SealArguments } from './sealed/seal-command.js';
import type { SetArguments } from './sealed/set-command.js';
import type { UnsealArguments } from './sealed/unseal-command.js';
import type { StateArguments } from './state-store.js';
import type { ValidateArguments } from './validate-command.js';

/** What each command does, with what was given to it: returns the exit code. */
export type Commands = {
  run(given: RunArguments): Promise<number>;
  validate(given: ValidateArguments): Promise<number>;
  seal(given: SealArguments): Promise<number>;
  unseal(given: UnsealArguments): Promise<number>;
  set(given: SetArguments): Promise<number>;
  plan(given: Looking): Promise<number>;
  status(given: Looking): Promise<number>;
  fleetStatus(given: StateArguments & { json: boolean }): Promise<number>;
  verify(given: Looking & { all: boolean }): Promise<number>;
  parkedList(given: Looking): Promise<number>;
  parkedShow(given: Looking & { key: string }): Promise<number>;
  parkedChange(given: ParkedChangeArguments): Promise<number>;
  kinds(given: KindsArguments): Promise<number>;
};

/** Whose state is looked at, and for whom. */
export type Looking = KeptArguments & { json: boolean };
