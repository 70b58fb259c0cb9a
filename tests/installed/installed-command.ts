import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { globSync } from 'tinyglobby';
import { sizeOf } from './install-size.js';
import type { NodeProgram } from './node-programs.js';
import { readPackagePage } from './package-page.js';
import type { PackedPackage } from './packed-packages.js';
import { type Manager, managers, Stranger } from './stranger.js';
import type { Trial, TrialResult } from './trial.js';

const run = promisify(execFile);

/** Installs a command for all projects, as its page says, and runs a spec with it. */
export async function checkCommand({ manifest }: PackedPackage, trial: Trial): Promise<TrialResult> {
  const page = readPackagePage(manifest.repository.directory);
  const size = { packages: 0, bytes: 0 };
  const problems: string[] = [];
  for (const manager of Object.keys(managers) as Manager[]) {
    const home = join(trial.folder, manager, 'global');
    const stranger = new Stranger(join(home, 'project'), manager, trial.registry);
    try {
      await stranger.installGlobally(page, globalSettings(home, trial.registry));
      if (manager === 'npm') Object.assign(size, sizeOf(join(home, 'lib', 'node_modules')));
      for (const node of trial.nodes) {
        bringSqlite(home, node);
        const problem = await tryCommand(join(home, 'bin', 'aftercommit'), stranger.folder, manifest.version, node);
        if (problem !== undefined) problems.push(`with ${manager} on Node ${node.version.slice(1)} ${problem}`);
      }
    } catch (error) {
      problems.push(`with ${manager}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { size, problems };
}

/** Packages are installed without their scripts, and each manager has folders of its own for what is installed for all projects. */
function bringSqlite(home: string, { sqlite }: NodeProgram): void {
  const found = globSync('**/node_modules/better-sqlite3/package.json', { cwd: home, dot: true, absolute: true });
  if (found.length === 0) throw new Error(`better-sqlite3 is nowhere in ${home}`);
  for (const file of found) cpSync(sqlite, join(dirname(file), 'build', 'Release', 'better_sqlite3.node'));
}

/** What is installed for all projects takes no settings from a project, but from a person: those of this one, and our registry. */
function globalSettings(home: string, registry: string): Record<string, string> {
  const own = join(homedir(), '.npmrc');
  const file = join(home, 'npmrc');
  const settings = existsSync(own) ? readFileSync(own, 'utf8') : '';
  writeFileSync(file, `${settings}\n@aftercommit:registry=${registry}/\n`);
  return {
    // In both ways to write it: whoever runs this script may have set the one that counts more.
    NPM_CONFIG_USERCONFIG: file,
    npm_config_userconfig: file,
    npm_config_prefix: home,
    PNPM_HOME: home,
    PATH: [join(home, 'bin'), process.env['PATH']].join(delimiter),
  };
}

/** What went wrong; undefined: nothing. */
async function tryCommand(
  program: string,
  folder: string,
  version: string,
  node: NodeProgram,
): Promise<string | undefined> {
  const project = join(folder, node.version);
  mkdirSync(project);
  writeFileSync(join(project, 'spec.json'), JSON.stringify(spec));
  writeFileSync(join(project, 'orders.ndjson'), '{"id":1}\n{"id":2}\n');
  const env = { ...process.env, PATH: `${dirname(node.path)}:${process.env['PATH']}` };
  const printed = await run(program, ['--version'], { cwd: project, env });
  if (printed.stdout !== `${version}\n`) return `says that it is ${printed.stdout}`;
  const ended = await run(program, ['run', 'spec.json'], { cwd: project, env });
  if (!ended.stdout.includes('done: 2 documents, 1 transaction')) return `prints ${ended.stdout}`;
  // A shell is told what is in the spec by code that nothing but completion loads.
  const completed = await run(program, ['__complete', '--', 'set', 'spec.json', ''], { cwd: project, env });
  return completed.stdout === 'acme/views/orders\n' ? undefined : `completes a name to ${completed.stdout}`;
}

const spec = {
  collections: { 'acme/orders': { key: ['/id'], source: { ndjson: 'orders.ndjson' } } },
  materializations: {
    'acme/views/orders': {
      endpoint: { sqlite: { path: 'warehouse.db' } },
      bindings: [{ source: 'acme/orders', resource: { table: 'orders' } }],
    },
  },
};
