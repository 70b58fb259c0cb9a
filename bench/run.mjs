/** Builds the packages (users run what is built), installs what the benchmarks need, and runs them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildQuietly } from '../scripts/build-quietly.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));

buildQuietly();
if (
  spawnSync('npx', ['-y', 'pnpm@12', 'install', '--frozen-lockfile', '--silent'], { cwd: folder, stdio: 'inherit' })
    .status !== 0
) {
  console.error('The packages that the benchmarks need could not be installed.');
  process.exit(1);
}
const program = fileURLToPath(new URL('src/main.ts', import.meta.url));
const { status } = spawnSync(process.execPath, ['--import', 'tsx', program, ...process.argv.slice(2)], {
  cwd: folder,
  stdio: 'inherit',
});
process.exit(status ?? 1);
