/** Builds the packages, quietly unless that fails, and runs the quickstart. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(command, args, options = {}) {
  const shell = process.platform === 'win32';
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', shell, encoding: 'utf8', ...options });
}

console.error('Building the packages …');
const build = run('turbo', ['run', 'build', '--output-logs=errors-only'], {
  stdio: ['ignore', 'pipe', 'pipe'],
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
});
if (build.status !== 0) {
  for (const text of [build.stdout, build.stderr, build.error?.message]) if (text) console.error(text);
  process.exit(1);
}
const { status } = run(process.execPath, ['examples/quickstart/dist/quickstart.js']);
process.exit(status ?? 1);
