import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const reportUsage = new URL('../programs/report-usage.mjs', import.meta.url).href;

/** How long a program took from its start to its end, and what it used. */
export type ProgramRun = { tookMs: number; processorMs: number; peakMib: number };

/** Runs a program of Node in a folder to its end. Throws when it fails. */
export async function runProgram(folder: string, program: URL, ...args: string[]): Promise<ProgramRun> {
  const usageFile = join(folder, 'usage');
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', reportUsage, fileURLToPath(program), ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, USAGE_FILE: usageFile },
  });
  const [code] = await once(child, 'exit');
  const tookMs = performance.now() - startedAt;
  if (code !== 0) throw new Error(`${program.pathname} ended with ${code}`);
  const usage: NodeJS.ResourceUsage = JSON.parse(readFileSync(usageFile, 'utf8'));
  const processorMs = (usage.userCPUTime + usage.systemCPUTime) / 1000;
  return { tookMs, processorMs, peakMib: usage.maxRSS / 1024 };
}
