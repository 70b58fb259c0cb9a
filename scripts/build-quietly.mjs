import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the packages where something changed; says nothing unless that fails, which ends the program. */
export function buildQuietly() {
  console.error('Building the packages …');
  const build = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
  if (build.status === 0) return;
  for (const text of [build.stdout, build.stderr, build.error?.message]) if (text) console.error(text);
  process.exit(1);
}
