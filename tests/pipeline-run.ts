import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bundleProgram } from './bundle-program.js';

const program = await bundleProgram('examples/embed-in-your-loop/src/pipeline.ts', 'pipeline');

/** The weather of Seattle, one document per line. */
export const weatherData = fileURLToPath(
  new URL('../examples/embed-in-your-loop/data/seattle-weather.ndjson', import.meta.url),
);

/** How many documents that file has. */
export const weatherDocs = 1_461;

/** One line of the pipeline's story; fields as far as the event has them. */
export type PipelineEvent = {
  event: string;
  trigger?: string;
  runId?: string;
  outcome?: string;
  idempotencyKey?: string;
  leftOver?: Record<string, number>;
  withoutPartner?: Array<{ outbox: string; waiting: number }>;
};

/** The example pipeline in a process of its own. */
export type PipelineRun = {
  process: ChildProcess;
  events: PipelineEvent[];
  /** Resolves once it ended. Exit code null: it was killed. */
  ended: Promise<{ exitCode: number | null; errors: string }>;
};

/** Starts the program of `examples/embed-in-your-loop`. */
export function runPipeline(
  files: { database: string; triggers: string; docs: number },
  onEvent: (event: PipelineEvent) => void = () => undefined,
): PipelineRun {
  const options = ['--data', weatherData, '--database', files.database, '--triggers', files.triggers];
  const child = spawn(process.execPath, [program, ...options, '--docs', String(files.docs)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: PipelineEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event: PipelineEvent = JSON.parse(line);
    events.push(event);
    onEvent(event);
  });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const ended = new Promise<{ exitCode: number | null; errors: string }>((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, errors }));
  });
  return { process: child, events, ended };
}
