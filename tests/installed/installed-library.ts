import { join } from 'node:path';
import { type InstallSize, sizeOf } from './install-size.js';
import { type PackagePage, readPackagePage } from './package-page.js';
import { type Manager, managers, Stranger } from './stranger.js';
import type { Trial, TrialResult } from './trial.js';

/** Follows a page on which packages are imported. What it installs for all projects is left out. */
export async function checkLibrary(name: string, folder: string, trial: Trial): Promise<TrialResult> {
  const page = readPackagePage(folder);
  const problems: string[] = [];
  if (page.examples.length === 0) problems.push('its page has no example that runs');
  let size: InstallSize = { packages: 0, bytes: 0 };
  for (const manager of Object.keys(managers) as Manager[]) {
    const project = join(trial.folder, manager, name.replace('/', '-'));
    const stranger = new Stranger(project, manager, trial.registry);
    try {
      await stranger.install(page);
      if (manager === 'npm') size = sizeOf(join(project, 'node_modules'));
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
  { examples, statements }: PackagePage,
  { nodes, servers }: Trial,
): Promise<string[]> {
  const problems: string[] = [];
  for (const node of nodes) {
    for (const example of examples) {
      const made = statements.filter(({ line }) => line < example.line).map(({ code }) => code);
      const problem = await stranger.runExample(example, node, await servers.environment(made));
      const where = `${example.page}:${example.line} with ${manager} on Node ${node.version.slice(1)}`;
      if (problem !== undefined) problems.push(`${where} ${problem}`);
    }
  }
  return problems;
}
