import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** How a block's process ended. Exit code null: it took too long, and was killed. */
export type Ended = { exitCode: number | null; output: string };

/** Above what any block takes, also on a machine that is busy with something else. */
const limitMs = 100_000;

/** Processes that blocks have started, each the head of a group: what it leaves in the background is in it. */
const groups = new Set<number>();
process.once('exit', () => killGroups(groups));

/**
 * Runs a program until it ends. What it prints, to standard output and standard error alike, goes into one file, in the order in
 * which it was printed; and nobody waits for what it leaves running in the background.
 *
 * @param log The file, which is not there yet.
 * @param started Is told of its process group, to be ended with `killGroups`.
 */
export async function runProcess(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env, log, started }: { cwd: string; env: NodeJS.ProcessEnv; log: string; started: (group: number) => void },
): Promise<Ended> {
  const output = openSync(log, 'ax');
  try {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
    if (child.pid !== undefined) {
      groups.add(child.pid);
      started(child.pid);
    }
    const limit = setTimeout(() => child.pid && killGroups([child.pid]), limitMs);
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    clearTimeout(limit);
    return { exitCode, output: readFileSync(log, 'utf8') };
  } finally {
    closeSync(output);
  }
}

/** Ends process groups as a whole, with whatever is still in them. */
export function killGroups(ended: Iterable<number>): void {
  for (const group of ended) {
    groups.delete(group);
    try {
      process.kill(-group, 'SIGKILL');
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
      if (!isGone) throw error;
    }
  }
}
