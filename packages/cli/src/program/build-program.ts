import { Command } from 'commander';
import { version } from '../version.js';
import type { CommandCall } from './command-call.js';
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
      'aftercommit validate weather.yaml': '',
      'aftercommit run weather.yaml': '',
      'aftercommit run weather.yaml --follow': '',
    },
  });
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
  addPreview,
  addFire,
  addStatus,
  addVerify,
  addParked,
  addKinds,
  addSchema,
];

/** In a list of commands there is no place for more. */
function firstSentence(description: string): string {
  return description.split(/(?<=\.) (?=[A-Z])/, 1).join('');
}
