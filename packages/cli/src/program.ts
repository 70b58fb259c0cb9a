import { Command, InvalidArgumentError } from 'commander';
import type { Commands, Looking } from './commands.js';
import { readOrdinal } from './fleet/coordination-choice.js';
import { addKindOptions, addPluginOption } from './kinds/kind-options.js';
import type { KindsArguments } from './kinds/kinds-command.js';
import { addParked, stateOption, storeOption } from './parked-program.js';
import type { RunArguments } from './run-command.js';
import { addSealed, sopsOption } from './sealed-program.js';
import { type MetricsAddress, metricsAddress } from './telemetry/metrics-address.js';
import type { ValidateArguments } from './validate-command.js';
import { version } from './version.js';

/** Where help and complaints go. */
export type HelpOutput = { help(text: string): void; complaint(text: string): void };

/** The commands and their options. `done` is told the exit code of the one that was run. */
export function buildProgram(commands: Commands, done: (exitCode: number) => void, output: HelpOutput): Command {
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
    .addHelpText('after', programExamples);
  addRun(program, commands, done);
  addValidate(program, commands, done);
  addSealed(program, commands, done);
  addPlan(program, commands, done);
  addStatus(program, commands, done);
  addVerify(program, commands, done);
  addParked(program, commands, done);
  // All of these read a spec.
  for (const command of leavesOf(program)) addKindOptions(command);
  addKinds(program, commands, done);
  return program;
}

/** The commands that do something, and not those that only have commands. */
function leavesOf({ commands }: Command): Command[] {
  return commands.flatMap((command) => (command.commands.length === 0 ? [command] : leavesOf(command)));
}

function addRun(program: Command, commands: Commands, done: (exitCode: number) => void): void {
  program
    .command('run')
    .description(
      'Runs every materialization of a spec, side by side, until its sources end and what is due is delivered.',
    )
    .argument('<spec>', 'the spec: YAML or JSON')
    .option(...stateOption)
    .addOption(storeOption)
    .option('--follow', 'go on when the files end: wait for what is appended, and for new files')
    .option('--json', 'print one JSON object per line: every event, as it comes')
    .option('--accept-endpoint', 'where state and endpoint disagree, go on from what the endpoint has')
    .option('--drain', "at the end wait also for what waits for its trigger's interval, and deliver it")
    .option('--retry-now', 'wait out nothing that a failed run has stored: the receivers are back')
    .option(
      '--concurrency <n>',
      'attempts in flight at a time, over all triggers of all materializations (default: no limit)',
      attemptsAtATime,
    )
    .option(
      '--metrics <[host]:port>',
      'serve metrics to Prometheus at /metrics (default host: 127.0.0.1)',
      metricsPlace,
    )
    .option(
      '--coordinate [ordinal]',
      'share the materializations with the other processes that do so on the same --store, and go on until stopped: by claims, or as number 2/5 of so many',
      readOrdinal,
    )
    .option(...sopsOption)
    .addHelpText('after', runExamples)
    .action(async (specPath: string, options: Partial<Omit<RunArguments, 'specPath'>>) => {
      done(await commands.run({ specPath, ...runDefaults, ...options }));
    });
}

function attemptsAtATime(text: string): number {
  const most = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(most) && most >= 1) return most;
  throw new InvalidArgumentError('It is a whole number, at least 1.');
}

function metricsPlace(text: string): MetricsAddress {
  const address = metricsAddress(text);
  if (address !== undefined) return address;
  throw new InvalidArgumentError('It is a port, with or without a host: :9464 or 0.0.0.0:9464.');
}

const runDefaults = { follow: false, json: false, acceptEndpoint: false, drain: false, retryNow: false };

function addValidate(program: Command, commands: Commands, done: (exitCode: number) => void): void {
  program
    .command('validate')
    .description(
      'Checks a spec and says everything that is wrong with it. Contacts nobody. Sealed configurations need no key; where one is at hand, their seals are verified.',
    )
    .argument('<spec>', 'the spec: YAML or JSON')
    .option('--json', 'print one JSON object per line: every issue, and how many there are')
    .option(...sopsOption)
    .addHelpText('after', validateExamples)
    .action(async (specPath: string, options: Partial<ValidateArguments>) => {
      done(await commands.validate({ specPath, json: false, ...options }));
    });
}

function addPlan(program: Command, commands: Commands, done: (exitCode: number) => void): void {
  program
    .command('plan')
    .description(
      'Says what the next run changes of what triggers hold, and what each would send. A run may go on beside it.',
    )
    .argument('<spec>', 'the spec: YAML or JSON')
    .option(...stateOption)
    .addOption(storeOption)
    .option('--json', 'print one JSON object per line: every trigger, every outbox without one, and a summary')
    .addHelpText('after', planExamples)
    .action(async (specPath: string, options: Partial<Looking>) => {
      done(await commands.plan({ specPath, json: false, ...options }));
    });
}

function addStatus(program: Command, commands: Commands, done: (exitCode: number) => void): void {
  program
    .command('status')
    .description('Says how far every materialization is, and what its triggers hold. A run may go on beside it.')
    .argument('[spec]', 'the spec: YAML or JSON (default: everything in --store, and who runs it)')
    .option(...stateOption)
    .addOption(storeOption)
    .option('--json', 'print one JSON object per materialization, and without a spec per worker')
    .action(async (specPath: string | undefined, options: Partial<Looking>) => {
      const given = { json: false, ...options };
      done(await (specPath === undefined ? commands.fleetStatus(given) : commands.status({ specPath, ...given })));
    });
}

function addVerify(program: Command, commands: Commands, done: (exitCode: number) => void): void {
  program
    .command('verify')
    .description(
      'Says of each of the last 1,000 commits what became of it in every trigger, and what in the state is inconsistent. A run may go on beside it.',
    )
    .argument('<spec>', 'the spec: YAML or JSON')
    .option(...stateOption)
    .addOption(storeOption)
    .option('--all', 'print also every commit')
    .option('--json', 'print one JSON object per line: every inconsistency, and a summary per materialization')
    .addHelpText('after', verifyExamples)
    .action(async (specPath: string, options: Partial<Looking & { all: boolean }>) => {
      done(await commands.verify({ specPath, json: false, all: false, ...options }));
    });
}

function addKinds(program: Command, commands: Commands, done: (exitCode: number) => void): void {
  addPluginOption(program.command('kinds'))
    .description('Lists the trigger kinds with their fields, or says everything about one. Reads no spec.')
    .argument('[kind]', 'only this one')
    .option('--json', 'print one JSON object per kind')
    .addHelpText('after', kindsExamples)
    .action(async (kind: string | undefined, options: Partial<KindsArguments>) => {
      done(await commands.kinds({ json: false, ...options, ...(kind !== undefined && { kind }) }));
    });
}

const programExamples = `
Examples:
  $ aftercommit validate weather.yaml
  $ aftercommit run weather.yaml
  $ aftercommit run weather.yaml --follow`;

const runExamples = `
Examples:
  $ aftercommit run weather.yaml                      what is new since the last run
  $ aftercommit run weather.yaml --follow             and what is appended from now on
  $ producer | aftercommit run weather.yaml           with source: { ndjson: "-" } in the spec
  $ aftercommit run weather.yaml --json | jq .event   for programs
  $ aftercommit run weather.yaml --state /var/lib/weather/state.db
  $ aftercommit run weather.yaml --follow --metrics :9464     for Prometheus
  $ aftercommit run weather.yaml --store postgres://db/weather --coordinate   on as many hosts as you like
  $ aftercommit run weather.yaml --plugin ./my-kind.js        with a trigger kind of your own
  $ aftercommit run weather.yaml --egress listed --egress-allow hooks.example.com

Exit codes:
  0  everything due was delivered; what waits for an interval is named
  1  something failed, or was due when it was stopped
  2  the spec or the arguments are wrong; nothing was started
  3  everything due was delivered or parked, and something is parked
  4  another run of the same materialization was started`;

const planExamples = `
Examples:
  $ aftercommit plan weather.yaml
  $ aftercommit plan weather.yaml --json | jq 'select(.event == "trigger") | .payload.text'

Exit codes:
  0  every outbox that holds something has a trigger after the next run, or had none before
  1  the state cannot be read
  2  the spec or the arguments are wrong, or a payload cannot be made
  3  the next run leaves an outbox that holds something without a trigger: it waits for a person`;

const verifyExamples = `
Examples:
  $ aftercommit verify weather.yaml
  $ aftercommit verify weather.yaml --all
  $ aftercommit verify weather.yaml --json | jq 'select(.event == "inconsistency")'

Exit codes:
  0  the state is consistent: every commit is delivered, waiting, parked, or was dropped by a person
  1  something is inconsistent
  2  the spec or the arguments are wrong, or there is no state`;

const validateExamples = `
Examples:
  $ aftercommit validate weather.yaml
  $ aftercommit validate weather.yaml --json | jq -r .message

Exit codes:
  0  the spec is valid; it may have warnings
  2  the spec has errors, or cannot be read`;

const kindsExamples = `
Examples:
  $ aftercommit kinds
  $ aftercommit kinds webhook
  $ aftercommit kinds --plugin ./my-kind.js --plugin @aftercommit/nats
  $ aftercommit kinds --json | jq -r .kind

Exit codes:
  0  they are listed
  2  a plugin cannot be used, or there is no such kind`;
