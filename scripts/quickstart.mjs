/** Builds the packages, quietly unless that fails, and runs the quickstart. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildQuietly } from './build-quietly.mjs';

buildQuietly();
const program = fileURLToPath(new URL('../examples/quickstart/dist/quickstart.js', import.meta.url));
const { status } = spawnSync(process.execPath, [program], { stdio: 'inherit' });
process.exit(status ?? 1);
