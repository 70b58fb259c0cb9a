import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleProgram } from './bundle-program.js';
import { tellFleetStory } from './fleet/fleet-story.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

// For long: npx -y pnpm@12 soak --minutes 10. Another seed: AFTERCOMMIT_SEED=7 npx -y pnpm@12 test tests/fleet-soak.test.ts
const seed = Number(process.env['AFTERCOMMIT_SEED'] ?? Date.now() % 1_000_000);

let server: PostgresServer;

describe.skipIf(missingPostgres)('a fleet of hosts', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(() => server.stop());

  test(`that are killed, frozen, cut off and stopped at random delivers each commit, and only commits (seed ${seed})`, async () => {
    const program = await bundleProgram('tests/fleet/fleet-host.ts', 'fleet-host');
    const report = await tellFleetStory({ ...story, name: 'fleet', program });
    console.log(report);
    expect(report.violations).toEqual([]);
    expect(report.commits).toBeGreaterThan(2 * story.tasks);
  });
});

const story = {
  get server() {
    return server;
  },
  seed,
  durationMs: 6_000,
  tasks: 48,
  workers: 4,
  commitEveryMs: 400,
  ttlMs: 1_000,
};
