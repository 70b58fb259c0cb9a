/**
 * Makes sure that better-sqlite3 can be opened before a script needs it. Where no prebuilt binary can be fetched it is
 * compiled while installing; where Node's headers cannot be fetched either (an empty home, no network) that fails, and
 * pnpm only warns. Node brings its headers in its own prefix: with them a second installation succeeds, once.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(new URL('../packages/persistence-sqlite/package.json', import.meta.url));

function open() {
  try {
    const Database = require('better-sqlite3');
    new Database(':memory:').close();
    return undefined;
  } catch (error) {
    return error;
  }
}

function fail(reason) {
  console.error(`better-sqlite3 cannot be opened: ${reason}`);
  process.exit(1);
}

const problem = open();
if (problem !== undefined) {
  const prefix = dirname(dirname(process.execPath));
  if (!existsSync(join(prefix, 'include', 'node', 'node.h'))) {
    fail(`it could not be compiled, because Node's headers are not in ${prefix}/include/node (${problem.message})`);
  }
  console.error('No prebuilt better-sqlite3 could be fetched, which is what the messages above say: nothing is wrong.');
  console.error('Compiling it with the headers of this Node (about a minute, once) …');
  const manager = process.env['npm_execpath'];
  const [command, before] =
    manager === undefined
      ? ['npx', ['-y', 'pnpm@12']]
      : manager.endsWith('js') || manager.endsWith('cjs')
        ? [process.execPath, [manager]]
        : [manager, []];
  const { status } = spawnSync(command, [...before, 'install', '--frozen-lockfile'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, npm_config_nodedir: prefix },
  });
  const still = status === 0 ? open() : problem;
  if (still !== undefined)
    fail(`it could not be compiled; a C++ compiler, make and Python 3 are needed (${still.message})`);
}
