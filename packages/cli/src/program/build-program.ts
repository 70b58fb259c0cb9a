import { Command } from 'commander';
import { version } from '../version.js';
import type { CommandCall } from './command-call.js';
import { addCompletion } from './completion-program.js';
import { addInit } from './init-program.js';
import { addKinds } from './kinds-program.js';
import { addParked } from './parked-program.js';
import { addPlan } from './plan-program.js';
import { addRun } from './run-program.js';
import { addSchema } from './schema-program.js';
import { addSeal } from './seal-program.js';
import { addSet } from './set-program.js';
import { addStatus } from './status-program.js';
import { addUnseal } from './unseal-program.js';
import { addValidate } from './validate-program.js';
import { addVerify } from './verify-program.js';

/** Where help and complaints go. */
export type HelpOutput = { help(text: string): void; complaint(text: string): void };

/** The commands and their options, each in a file of its own. The one that is parsed is run, and its exit code left in the call. */
export function buildProgram(call: CommandCall, output: HelpOutput): Command {
  const program = new Command('aftercommit')
    .description('Keeps tables up to date with collections, and fires triggers after each commit.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: output.help,
      writeErr: output.help,
      outputError: (text) => output.complaint(text),
    })
    .addHelpText('after', examples);
  for (const add of commands) add(program, call);
  return program;
}

/** In the order in which help lists them. */
const commands = [
  addInit,
  addRun,
  addValidate,
  addSeal,
  addUnseal,
  addSet,
  addPlan,
  addStatus,
  addVerify,
  addParked,
  addKinds,
  addSchema,
  addCompletion,
];

const examples = `
Examples:
  $ aftercommit validate weather.yaml
  $ aftercommit run weather.yaml
  $ aftercommit run weather.yaml --follow`;
