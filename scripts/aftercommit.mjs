/** Builds the packages, quietly unless that fails, and runs the command line of this repository in the caller's folder. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildQuietly } from './build-quietly.mjs';

buildQuietly();
const program = fileURLToPath(new URL('../packages/cli/bin/aftercommit.js', import.meta.url));
const child = spawn(process.execPath, [program, ...process.argv.slice(2)], {
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  stdio: 'inherit',
});
// The terminal tells the child of Ctrl-C itself; this one lives until it has ended gracefully.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('close', (code) => process.exit(code ?? 1));
