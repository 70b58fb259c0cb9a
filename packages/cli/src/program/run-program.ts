import { type Command, InvalidArgumentError } from 'commander';
import { readOrdinal } from '../fleet/coordination-choice.js';
import { addKindOptions } from '../kinds/kind-options.js';
import { type RunArguments, runCommand } from '../run/run-command.js';
import { type MetricsAddress, metricsAddress } from '../telemetry/metrics-address.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { addStateOptions, jsonOption, sopsOption, specArgument } from './shared-options.js';

/** `aftercommit run`. */
export function addRun(program: Command, call: CommandCall): void {
  const run = program
    .command('run')
    .description(
      'Runs every materialization of a spec, side by side, until its sources end and what is due is delivered.',
    )
    .argument(...specArgument)
    .option('--follow', 'go on when the files end: wait for what is appended, and for new files')
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
    .option(...jsonOption)
    .action(async (specPath: string, options: Partial<RunArguments>) => {
      const given = { ...runDefaults, ...options, specPath };
      await call.does<RunArguments>((...rest) => runCommand(...rest, call.decorate), given);
    });
  addKindOptions(addStateOptions(run).option(...sopsOption));
  addHelpPage(run, {
    examples: {
      'aftercommit run weather.yaml': 'what is new since the last run',
      'aftercommit run weather.yaml --follow': 'and what is appended from now on',
      'producer | aftercommit run weather.yaml': 'with source: { ndjson: "-" } in the spec',
      'aftercommit run weather.yaml --json | jq .event': 'for programs: every event, as it comes',
      'aftercommit run weather.yaml --state /var/lib/weather/state.db': '',
      'aftercommit run weather.yaml --follow --metrics :9464': 'for Prometheus',
      'aftercommit run weather.yaml --store postgres://db/weather --coordinate': 'on as many hosts as you like',
      'aftercommit run weather.yaml --plugin ./my-kind.js': 'with a trigger kind of your own',
      'aftercommit run weather.yaml --egress listed --egress-allow hooks.example.com': '',
    },
    exitCodes: {
      0: 'everything due was delivered; what waits for an interval is named',
      1: 'something failed, or was due when it was stopped',
      2: 'the spec or the arguments are wrong; nothing was started',
      3: 'everything due was delivered or parked, and something is parked',
      4: 'another run of the same materialization was started',
    },
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
