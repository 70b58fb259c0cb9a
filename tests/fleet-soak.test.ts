import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mutate } from '../simulation/mutate.js';
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
    const report = await tellFleetStory({ ...story, name: 'fleet', program: await hostProgram('fleet-host') });
    console.log(report);
    expect(report.violations).toEqual([]);
    expect(report.commits).toBeGreaterThan(2 * story.tasks);
  });

  test('with a zombie among them: the checks find nothing as long as the store has its fence, and the zombie without it', async () => {
    const [fenced, unfenced] = await Promise.all([
      tellFleetStory({ ...zombieStory, name: 'fenced', program: await hostProgram('fenced-host') }),
      tellFleetStory({ ...zombieStory, name: 'unfenced', program: await hostProgram('unfenced-host', [withoutFence]) }),
    ]);
    expect(fenced).toMatchObject({ violations: [], faults: { zombie: 1 } });
    expect(unfenced.faults).toEqual({ zombie: 1 });
    // It commits what it was reading when it stood still: a number that another host has committed meanwhile.
    expect(unfenced.violations).toContainEqual(expect.stringMatching(/^acmeCo\/task-\d+: row (\d+) follows row \1$/));
  });
});

/** The store without its fence: whoever writes is believed. */
const withoutFence = mutate({
  mistake: 'checks neither owner nor epoch',
  breaks: [],
  changes: [
    {
      file: 'packages/persistence-postgres/src/migrations.ts',
      from: 'WHERE known.task = tasks[1] AND known.owner = owners[1] AND known.epoch = epochs[1] FOR UPDATE',
      to: 'WHERE known.task = tasks[1] FOR UPDATE',
    },
  ],
});

async function hostProgram(name: string, plugins: Parameters<typeof bundleProgram>[2] = []): Promise<string> {
  return await bundleProgram('tests/fleet/fleet-host.ts', name, plugins);
}

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

/** One host stands still until the other one has gone on with its tasks, and then goes on. */
const zombieStory = {
  get server() {
    return server;
  },
  seed,
  durationMs: 50,
  tasks: 12,
  workers: 2,
  commitEveryMs: 100,
  ttlMs: 1_000,
  faults: ['zombie'] as const,
};
