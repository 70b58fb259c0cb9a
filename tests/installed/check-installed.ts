/**
 * Does what README.md and the page of every public package say, as somebody who has nothing of this repository: packs the packages, installs
 * them into empty projects with npm and with a strict pnpm, compiles the examples with both ways to find types, and runs them.
 * Prints what each installation weighs, and fails where one is heavier than install-budgets.json allows. Run `pnpm build` first.
 * Names of packages, or README.md, as arguments: only these.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from './install-budgets.js';
import { checkCommand } from './installed-command.js';
import { checkLibrary } from './installed-library.js';
import { nodePrograms } from './node-programs.js';
import { startRegistry } from './package-registry.js';
import { type PackedPackage, packPackages } from './packed-packages.js';
import { startServers } from './page-servers.js';
import type { Trial, TrialResult } from './trial.js';

/** Names of packages, or `README.md`. Empty: all. */
const only = process.argv.slice(2);
const target = mkdtempSync(join(tmpdir(), 'aftercommit-installed-'));
const problems: string[] = [];
try {
  await checkAll();
} finally {
  rmSync(target, { recursive: true });
}
for (const problem of problems) console.error(problem);
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function checkAll(): Promise<void> {
  mkdirSync(join(target, 'tarballs'));
  const [packages, nodes] = await Promise.all([packPackages(join(target, 'tarballs')), nodePrograms(target)]);
  console.log(`Examples run on Node ${nodes.map(({ version }) => version.slice(1)).join(' and ')}.`);
  const registry = await startRegistry(packages);
  try {
    const servers = await startServers();
    try {
      const trial = { folder: target, registry: registry.url, nodes, servers };
      const pages = [{ name: 'README.md', check: checkReadme }, ...packages.map(checkOf)];
      const waiting = pages.filter(({ name }) => only.length === 0 || only.includes(name));
      await Promise.all(Array.from({ length: availableParallelism() }, () => checkWhileThereAre(waiting, trial)));
    } finally {
      await servers.stop();
    }
  } finally {
    await registry.stop();
  }
}

/** A page that is followed. */
type Page = { name: string; check(trial: Trial): Promise<TrialResult> };

function checkOf(packed: PackedPackage): Page {
  const { bin, name, repository } = packed.manifest;
  const check = (trial: Trial): Promise<TrialResult> =>
    bin === undefined ? checkLibrary(name, repository.directory, trial) : checkCommand(packed, trial);
  return { name, check };
}

function checkReadme(trial: Trial): Promise<TrialResult> {
  return checkLibrary('README.md', '.', trial);
}

async function checkWhileThereAre(waiting: Page[], trial: Trial): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { name, check } = next;
    const { size, problems: found } = await check(trial);
    const verdict = judge(name, size);
    console.log(verdict.text);
    problems.push(...found.map((problem) => `${name}: ${problem}`), ...verdict.problems);
  }
}
