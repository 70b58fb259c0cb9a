import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { processIo, runCommandLine } from '@aftercommit/cli';
import { CrashPoints } from '@aftercommit/testkit';
import { bundleProgram } from './bundle-program.js';

const program = await bundleProgram('tests/command-line-crash-program.ts', 'command-line-crash');

/** Where to kill: a point, and the how-many-th time it is reached. */
export type Kill = { point: string; occurrence: number };

/** A line of `--json`; the fields of `opened` that are looked at. */
export type RunEvent = { event: string; epoch?: string };

/** How a run of the command line ended. */
export type StoryRun = {
  isKilled: boolean;
  /** Null: it was killed. */
  exitCode: number | null;
  stderr: string;
  events: RunEvent[];
  /** How often each point was reached. Empty: it was to be killed. */
  reached: ReadonlyMap<string, number>;
};

/** Runs the command line in a process of its own, which is killed there. */
export async function runAndKill(args: readonly string[], { point, occurrence }: Kill): Promise<StoryRun> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, CRASH_AT: `${point}#${occurrence}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<Pick<StoryRun, 'exitCode' | 'isKilled'>>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, isKilled: signal === 'SIGKILL' }));
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { ...(await ended), stderr, events: eventsIn(stdout), reached: new Map() };
}

/** Runs the command line to its end. In the process of the tests, where it starts in no time: nobody kills it. */
export async function runHere(args: readonly string[]): Promise<StoryRun> {
  const crash = new CrashPoints();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const exitCode = await runCommandLine(args, { ...processIo(), stdout, stderr }, (options) =>
    crash.materialization(options),
  );
  stdout.end();
  stderr.end();
  const [lines, errors] = await written;
  return { exitCode, isKilled: false, stderr: errors, events: eventsIn(lines), reached: crash.reached };
}

function eventsIn(lines: string): RunEvent[] {
  return lines.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
}
