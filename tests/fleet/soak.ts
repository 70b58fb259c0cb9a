/** `pnpm soak`: a fleet of hosts with faults from a seed, for as long as you like; then everything is accounted for. */
import { parseArgs } from 'node:util';
import { bundleProgram } from '../bundle-program.js';
import { missingPostgres, startPostgres } from '../servers/postgres-server.js';
import { tellFleetStory } from './fleet-story.js';

const usage = `Usage: pnpm soak [--minutes M] [--seed S] [--tasks N] [--workers W]

  --minutes M    how long faults happen (default 1)
  --seed S       which ones (default: another one each time)
  --tasks N      default 48
  --workers W    default 4`;

process.exitCode = await soak();

async function soak(): Promise<number> {
  const { values } = parseArgs({
    // pnpm hands on the dashes that separate its own options.
    args: process.argv.slice(2).filter((arg) => arg !== '--'),
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      tasks: { type: 'string', default: '48' },
      workers: { type: 'string', default: '4' },
    },
  });
  const [minutes, tasks, workers] = [values.minutes, values.tasks, values.workers].map(Number);
  if (
    minutes === undefined ||
    tasks === undefined ||
    workers === undefined ||
    !(minutes > 0 && tasks >= 1 && workers >= 1)
  ) {
    console.error(usage);
    return 2;
  }
  if (missingPostgres !== undefined) {
    console.error(missingPostgres);
    return 2;
  }
  const program = await bundleProgram('tests/fleet/fleet-host.ts', 'fleet-host');
  const server = await startPostgres();
  try {
    console.log(`${tasks} tasks on ${workers} workers for ${minutes} minutes, seed ${values.seed}`);
    const report = await tellFleetStory({
      ...{ server, program, name: 'soak', seed: values.seed, tasks, workers },
      durationMs: minutes * 60_000,
      commitEveryMs: 300,
      ttlMs: 3_000,
      faults: ['SIGKILL', 'SIGTERM', 'SIGSTOP', 'partition', 'disconnect', 'server killed'],
      tell: (line) => console.log(`${new Date().toISOString()} ${line}`),
    });
    console.log(report);
    return report.violations.length === 0 ? 0 : 1;
  } finally {
    await server.stop();
  }
}
