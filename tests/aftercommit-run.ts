import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { bundleProgram } from './bundle-program.js';

const usualProgram = await bundleProgram('tests/aftercommit-program.ts', 'aftercommit');

/** One line of `--json`; fields as far as the event has them. */
export type RunEvent = {
  event: string;
  materialization: string;
  trigger?: string;
  runId?: string;
  docs?: number;
  outcome?: string;
  code?: string;
  reason?: string;
  runtimeCheckpoint?: string;
  leftOver?: Record<string, number>;
  waiting?: Record<string, number>;
  parked?: Record<string, number>;
};

/** How a run ended. Exit code null: it was killed. */
export type RunResult = { exitCode: number | null; stdout: string; stderr: string; events: RunEvent[] };

/** A run of the command line in a process of its own. */
export type CommandLineRun = { process: ChildProcess; ended: Promise<RunResult> };

type StartOptions = {
  /** A bundle of another program. Undefined: the command line as it is. */
  program?: string;
  onEvent?: (event: RunEvent) => void;
  input?: string;
  /** Undefined: that of the tests. */
  cwd?: string | undefined;
  /** Variables beside those of this process. */
  env?: Readonly<Record<string, string>>;
  /** Told of each piece of standard error. */
  onError?: (text: string) => void;
};

/** Starts `aftercommit` with these arguments. With `--json` each line of its output is an event. */
export function startAftercommit(
  args: readonly string[],
  {
    program = usualProgram,
    onEvent = () => undefined,
    input = '',
    cwd,
    env = {},
    onError = () => undefined,
  }: StartOptions = {},
): CommandLineRun {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd,
    env: { ...process.env, ...env },
  });
  // A program that is killed, or never reads it, closes the pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const result: RunResult = { exitCode: null, stdout: '', stderr: '', events: [] };
  createInterface({ input: child.stdout }).on('line', (line) => {
    result.stdout += `${line}\n`;
    if (!args.includes('--json')) return;
    const event: RunEvent = JSON.parse(line);
    result.events.push(event);
    onEvent(event);
  });
  child.stderr.on('data', (text: Buffer) => {
    result.stderr += text.toString();
    onError(text.toString());
  });
  const ended = new Promise<RunResult>((resolve) => {
    child.once('close', (exitCode) => resolve({ ...result, exitCode }));
  });
  return { process: child, ended };
}

/** Runs `aftercommit` to its end. */
export async function aftercommit(args: readonly string[], input = '', cwd?: string): Promise<RunResult> {
  return await startAftercommit(args, { input, cwd }).ended;
}
