import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const reportPeak = new URL('../programs/report-peak.mjs', import.meta.url).href;

/** How long a program took from its start to its end, and how much memory it had at most. */
export type ProgramRun = { tookMs: number; peakMib: number };

/** Runs a program of Node in a folder to its end. Throws when it fails. */
export async function runProgram(folder: string, program: URL, ...args: string[]): Promise<ProgramRun> {
  const peakFile = join(folder, 'peak');
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', reportPeak, fileURLToPath(program), ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PEAK_FILE: peakFile },
  });
  const [code] = await once(child, 'exit');
  const tookMs = performance.now() - startedAt;
  if (code !== 0) throw new Error(`${program.pathname} ended with ${code}`);
  return { tookMs, peakMib: Number(readFileSync(peakFile, 'utf8')) / 1024 };
}
