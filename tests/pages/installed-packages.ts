import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { bundleProgram } from '../bundle-program.js';
import { type OwnPackage, ownPackages } from './own-packages.js';

/** What pages start with `npx`. */
const programsOfOthers = { tsx: 'tsx/dist/cli.mjs', tsc: 'typescript/bin/tsc', vitest: 'vitest/vitest.mjs' };

/**
 * What stays a package beside those that use it: ours, as they are installed, and what pages import themselves. All else is bundled,
 * since Node takes longer to find and read a thousand modules than most blocks take.
 */
const apart = ['@aftercommit/*', '@opentelemetry/*', 'better-sqlite3', 'pg'];

/** What is CommonJS in a bundle asks for modules of Node. */
const requireOfNode =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/**
 * Makes a project as a reader has it who has installed everything: our packages, each bundled from its sources as it would be
 * published, those of others as they are here, and the command.
 *
 * @returns The folder of its programs.
 */
export async function installPackages(project: string): Promise<string> {
  const modules = join(project, 'node_modules');
  const programs = join(modules, '.bin');
  mkdirSync(programs, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const published = ownPackages('{packages,plugins}/*');
  const [command] = await Promise.all([
    bundleProgram('tests/aftercommit-program.ts', 'aftercommit-of-pages'),
    ...published.map((one) => install(one, modules)),
  ]);
  linkOthers([...published, ...ownPackages('.')], modules);
  writeProgram(join(programs, 'aftercommit'), command);
  for (const [name, file] of Object.entries(programsOfOthers)) {
    writeProgram(join(programs, name), realpathSync(join(modules, file)));
  }
  return programs;
}

async function install({ folder, manifest }: OwnPackage, modules: string): Promise<void> {
  const target = join(modules, manifest.name);
  const made = [join(folder, 'node_modules'), join(folder, 'dist')];
  cpSync(folder, target, { recursive: true, filter: (source) => !made.includes(source) });
  const entries = Object.values(manifest.exports ?? {}).flatMap((to) =>
    typeof to === 'object' ? (to['aftercommit-source'] ?? []) : [],
  );
  for (const entry of entries) writeTypes(entry, target);
  await build({
    entryPoints: entries.map((entry) => join(folder, entry)),
    outdir: join(target, 'dist'),
    outbase: join(folder, 'src'),
    bundle: true,
    // What several entries share is there once.
    splitting: true,
    external: apart,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: requireOfNode },
    sourcemap: true,
    logLevel: 'error',
  });
}

/** Types are those of the sources, which are beside. */
function writeTypes(entry: string, target: string): void {
  const types = join(target, entry.replace('./src/', 'dist/').replace(/\.ts$/, '.d.ts'));
  mkdirSync(dirname(types), { recursive: true });
  const source = relative(dirname(types), join(target, entry)).replace(/\.ts$/, '.js');
  writeFileSync(types, `export * from '${source}';\n`);
}

/** Packages of others are linked, so that nothing is fetched or compiled. */
function linkOthers(packages: readonly OwnPackage[], modules: string): void {
  const folders = new Map(
    packages.flatMap(({ folder, manifest: { dependencies, devDependencies } }) =>
      Object.keys({ ...dependencies, ...devDependencies })
        .filter((name) => !name.startsWith('@aftercommit'))
        .map((name) => [name, realpathSync(join(folder, 'node_modules', name))]),
    ),
  );
  for (const [name, folder] of folders) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(folder, join(modules, name));
  }
}

function writeProgram(file: string, module: string): void {
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${module}' "$@"\n`, { mode: 0o755 });
}
