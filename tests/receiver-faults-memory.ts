import { spawn } from 'node:child_process';
import { bundleProgram } from './bundle-program.js';
import type { WeatherSpec } from './weather-spec.js';

const program = await bundleProgram('tests/aftercommit-program.ts', 'aftercommit-measured');

/** Says at its end on standard error how much memory the process had at most, in kB. */
const measuring = 'process.once("exit", () => console.error("peak " + process.resourceUsage().maxRSS))';

/** Runs the spec in a process of its own, and says how much memory that had at most. */
export async function peakMemoryOf(spec: WeatherSpec): Promise<{ exitCode: number | null; peakBytes: number }> {
  const measured = ['--import', `data:text/javascript,${encodeURIComponent(measuring)}`, program];
  const child = spawn(process.execPath, [...measured, 'run', spec.path, '--json'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const peak = /^peak (\d+)$/m.exec(stderr)?.[1];
  if (peak === undefined) throw new Error(`The run did not say how much memory it had: ${stderr}`);
  return { exitCode, peakBytes: Number(peak) * 1024 };
}
