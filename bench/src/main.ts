/** Runs the benchmarks that are named, or all of them: prints their tables and writes what is behind them as JSON. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchmarks } from './benchmarks.js';
import { everyone } from './contenders/everyone.js';
import { describeMachine } from './measuring/machine.js';
import { startPostgres } from './servers/postgres.js';
import { startReceiver } from './servers/receiver.js';
import { startRedis } from './servers/redis.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false }, // a smoke run of everything
    folder: { type: 'string', default: tmpdir() }, // on the disk that is to be measured
  },
});
const unknown = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}. There are: ${benchmarks.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const chosen = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const folder = mkdtempSync(join(values.folder, 'aftercommit-bench-'));
// PostgreSQL runs as another user when this runs as root.
chmodSync(folder, 0o755);
const needsServers = chosen.some(({ servers }) => servers);
const receiver = await startReceiver();
const postgres = needsServers ? await startPostgres(folder) : undefined;
const redis = needsServers ? await startRedis(folder) : undefined;
const servers = { postgres: postgres?.server, redis: redis?.server };
try {
  const machine = describeMachine(folder);
  console.log(machine.text);
  for (const { name, needs, choices } of needsServers ? everyone : []) {
    const isAbsent = needs !== undefined && servers[needs] === undefined;
    console.log(isAbsent ? `${name}: left out, because ${needs} is not installed` : `${name}: ${choices}`);
  }
  for (const benchmark of chosen) {
    const startedAt = performance.now();
    console.log(`\n## ${benchmark.name}\n\n${benchmark.question}\n`);
    const { text, data } = await benchmark.run({ folder, receiver, servers, isQuick: values.quick });
    console.log(text);
    console.log(`\n(${((performance.now() - startedAt) / 1000).toFixed(0)} s)`);
    keep(benchmark.name, {
      question: benchmark.question,
      isQuick: values.quick,
      machine: machine.data,
      ...object(data),
    });
  }
} finally {
  receiver.stop();
  await postgres?.stop();
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
}

function keep(name: string, data: unknown): void {
  const results = fileURLToPath(new URL('../../.checks/bench', import.meta.url));
  mkdirSync(results, { recursive: true });
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  const at = new Date().toISOString();
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify({ name, at, commit, ...object(data) }, null, 2)}\n`);
}

function object(data: unknown): object {
  return typeof data === 'object' && data !== null ? data : { data };
}
