import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RunEvent, RunResult } from './aftercommit-run.js';
import { bundleProgram } from './bundle-program.js';

/** The command line. */
export const program = await bundleProgram('tests/aftercommit-program.ts', 'disk-faults');

/** How a run is started. */
export type RunOptions = {
  /** Arguments behind those that every run has. */
  args?: readonly string[];
  /** The program that runs it, with its arguments: they end where a command can follow. */
  within?: readonly string[];
  onEvent?: (event: RunEvent, process: ChildProcess) => void;
  /** It waits for most of its time, and needs no slot. */
  isWaiting?: boolean;
};

/** Runs the command line with `--json` to its end; exit code null: it was killed. */
export async function runWithin(
  commandLine: readonly string[],
  { args = [], within = [], onEvent = () => undefined }: RunOptions,
): Promise<RunResult> {
  const [file = '', ...rest] = [...within, process.execPath, program, ...commandLine, ...args];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const result: RunResult = { exitCode: null, stdout: '', stderr: '', events: [] };
  createInterface({ input: child.stdout }).on('line', (line) => {
    result.stdout += `${line}\n`;
    const event: RunEvent = JSON.parse(line);
    result.events.push(event);
    onEvent(event, child);
  });
  child.stderr.on('data', (text: Buffer) => {
    result.stderr += text.toString();
  });
  return await new Promise<RunResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ ...result, exitCode }));
  });
}
