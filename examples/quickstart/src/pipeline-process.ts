import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The pipeline in a process of its own, as it tells its story: one JSON object per line. */
export type Pipeline = {
  process: ChildProcess;
  /** Its exit code once it ended; null: it was killed. */
  ended: Promise<number | null>;
  /** Resolves when the trigger's n-th delivery is durably cleared. */
  delivered(trigger: string, count: number): Promise<void>;
};

/** The fields of a session's events that the quickstart shows. */
export type PipelineEvent = {
  event: 'opened' | 'committed' | 'attempt' | 'delivered' | 'waiting' | 'failed' | 'ended';
  trigger: string;
  runId: string;
  docs: number;
  outcome: 'delivered' | 'retry' | 'rejected';
  reason: string;
  nextAttemptInMs: number;
  leftOver: Record<string, number>;
};

const program = fileURLToPath(import.meta.resolve('@aftercommit-examples/embed-in-your-loop/pipeline'));
const data = fileURLToPath(import.meta.resolve('@aftercommit-examples/embed-in-your-loop/data/seattle-weather.ndjson'));

export function startPipeline(
  files: { database: string; triggers: string },
  observe: (event: PipelineEvent) => void,
): Pipeline {
  const options = ['--data', data, '--database', files.database, '--triggers', files.triggers, '--docs', '250'];
  const child = spawn(process.execPath, [...process.execArgv, program, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const counts = new Map<string, number>();
  const waiting: Array<{ isReached: () => boolean; resolve: () => void }> = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const event: PipelineEvent = JSON.parse(line);
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
