import { Command } from 'commander';
import { version } from '../version.js';
import type { CommandCall } from './command-call.js';
import { addCompletion } from './completion-program.js';
import { addFire } from './fire-program.js';
import { addHelpPage } from './help-page.js';
import { addInit } from './init-program.js';
import { addKinds } from './kinds-program.js';
import { addParked } from './parked-program.js';
import { addPlan } from './plan-program.js';
import { addPreview } from './preview-program.js';
import { addRun } from './run-program.js';
import { addSchema } from './schema-program.js';
import { addSeal } from './seal-program.js';
import { addSet } from './set-program.js';
import { addStatus } from './status-program.js';
import { addUnseal } from './unseal-program.js';
import { addValidate } from './validate-program.js';
import { addVerify } from './verify-program.js';

/**
 * The commands and their options, each in a file of its own. The one that is parsed is run, and its exit code left in the call. What is wrong with
 * arguments is thrown, and printed by nobody.
 */
export function buildProgram(call: CommandCall, printHelp: (text: string) => void): Command {
  const program = new Command('aftercommit')
    .description('Keeps tables up to date with collections, and fires triggers after each commit.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: printHelp, writeErr: printHelp, outputError: () => undefined })
    .configureHelp({ subcommandDescription: (command) => firstSentence(command.description()) });
  addHelpPage(program, {
    examples: {
      'aftercommit init': 'asks a few questions, and writes a spec that runs',
      'aftercommit validate weather.yaml': 'everything that is wrong with it, and where',
      'aftercommit run weather.yaml': 'reads what is new, commits, fires triggers, and ends',
      'aftercommit status weather.yaml': 'what is stuck, why, and what to do',
    },
  });
  for (const add of commands) add(program, call);
  return program;
}

/** In the order in which help lists them, which is that in which people meet them. */
const commands = [
  addInit,
  addValidate,
  addPlan,
  addPreview,
  addFire,
  addRun,
  addStatus,
  addVerify,
  addParked,
  addSeal,
  addUnseal,
  addSet,
  addKinds,
  addSchema,
  addCompletion,
];

/** In a list of commands there is no place for more. */
function firstSentence(description: string): string {
  return description.split(/(?<=\.) (?=[A-Z])/, 1).join('');
}
