import { join } from 'node:path';
import { type InstallSize, sizeOf } from './install-size.js';
import { type PackagePage, readPackagePage } from './package-page.js';
import { type Manager, managers, Stranger } from './stranger.js';
import type { Trial, TrialResult } from './trial.js';

/** What every project in TypeScript for Node has. */
const nodeTypes = 'npm install --save-dev @types/node@20';

/** Follows a page on which packages are imported: in a project of one's own, so that what it installs for all projects is left out. */
export async function checkLibrary(name: string, folder: string, trial: Trial): Promise<TrialResult> {
  const read = readPackagePage(folder);
  const page = { ...read, installs: read.installs.filter((command) => !command.includes(' --global ')) };
  const problems: string[] = [];
  if (page.examples.length === 0) problems.push('its page has no example that runs');
  const forUse = page.installs.filter((command) => !isForDevelopment(command));
  // The test kit is for development as a whole.
  const first = forUse.length > 0 ? forUse : page.installs;
  let size: InstallSize = { packages: 0, bytes: 0 };
  for (const manager of Object.keys(managers) as Manager[]) {
    const project = join(trial.folder, manager, name.replace('/', '-'));
    const stranger = new Stranger(project, manager, trial.registry);
    try {
      await stranger.install(first);
      if (manager === 'npm') size = sizeOf(join(project, 'node_modules'));
      await stranger.install([...page.installs.filter((command) => !first.includes(command)), nodeTypes]);
      stranger.write(page);
      await stranger.compile(page.examples);
    } catch (error) {
      problems.push(`with ${manager}: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    problems.push(...(await runExamples(stranger, manager, page, trial)));
  }
  return { size, problems };
}

async function runExamples(
  stranger: Stranger,
  manager: Manager,
  { examples }: PackagePage,
  { nodes, servers }: Trial,
): Promise<string[]> {
  const problems: string[] = [];
  for (const node of nodes) {
    for (const example of examples) {
      const problem = await stranger.runExample(example, node, await servers.environment());
      const where = `${example.page}:${example.line} with ${manager} on Node ${node.version.slice(1)}`;
      if (problem !== undefined) problems.push(`${where} ${problem}`);
    }
  }
  return problems;
}

function isForDevelopment(command: string): boolean {
  return / (?:--save-dev|-D) /.test(command);
}
