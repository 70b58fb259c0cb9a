import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** `aftercommit run` in a process of its own, as it tells its story: one JSON object per line. */
export type Run = {
  process: ChildProcess;
  /** Its exit code once it ended; null: it was killed. */
  ended: Promise<number | null>;
  /** Resolves when the trigger's n-th delivery is durably cleared. */
  delivered(trigger: string, count: number): Promise<void>;
};

/** The fields of its events that the quickstart shows. */
export type RunEvent = {
  event: 'opened' | 'committed' | 'attempt' | 'delivered' | 'waiting' | 'failed' | 'ended';
  trigger: string;
  runId: string;
  docs: number;
  outcome: 'delivered' | 'retry' | 'rejected';
  leftOver: Record<string, number>;
};

const manifest = import.meta.resolve('@aftercommit/cli/package.json');
const program = fileURLToPath(new URL('bin/aftercommit.js', manifest));

export function startRun(spec: string, observe: (event: RunEvent) => void): Run {
  const child = spawn(process.execPath, [program, 'run', spec, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const counts = new Map<string, number>();
  const waiting: Array<{ isReached: () => boolean; resolve: () => void }> = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event: RunEvent = JSON.parse(line);
    if (event.event === 'delivered') counts.set(event.trigger, (counts.get(event.trigger) ?? 0) + 1);
    observe(event);
    for (const { resolve } of waiting.filter(({ isReached }) => isReached())) resolve();
  });
  return {
    process: child,
    ended: new Promise((resolve) => child.once('close', (code) => resolve(code))),
    delivered: (trigger, count) =>
      new Promise((resolve) => {
        const isReached = (): boolean => (counts.get(trigger) ?? 0) >= count;
        if (isReached()) resolve();
        else waiting.push({ isReached, resolve });
      }),
  };
}
