import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { NodeProgram } from './node-programs.js';
import type { PackagePage } from './package-page.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** Who installs packages for people. */
export const managers = {
  /** What is in its folder is found, whoever brought it; peers are installed without a word. */
  npm: 'npm',
  /** As strict as it can be: nothing is found that a package does not name, and no peer is installed by itself. */
  pnpm: 'npx -y pnpm@12',
} as const;
export type Manager = keyof typeof managers;

/** How types are found: as Node does, and as bundlers do. */
const resolutions = {
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit'],
};

/** Somebody with an empty folder, who does what a page says and has nothing of this repository. */
export class Stranger {
  readonly folder: string;
  readonly #manager: Manager;

  /** @param registry Where our packages are. Those of others come from where they always come from. */
  constructor(folder: string, manager: Manager, registry: string) {
    this.folder = folder;
    this.#manager = manager;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '.npmrc'), `@aftercommit:registry=${registry}/\n`);
    if (manager === 'pnpm') writeFileSync(join(folder, 'pnpm-workspace.yaml'), `${JSON.stringify(strict)}\n`);
  }

  /** Installs what a page has people install, for use and for development, and the types that every project for Node has. */
  async install({ dependencies, devDependencies }: PackagePage): Promise<void> {
    const types = { ...devDependencies, '@types/node': '20' };
    const manifest = { private: true, type: 'module', dependencies, devDependencies: types };
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify(manifest));
    await this.#do('bash', ['-c', `${managers[this.#manager]} install`], { ...process.env, ...quiet });
  }

  /**
   * Installs packages for all projects.
   *
   * @param env Where that is.
   */
  async installGlobally({ globally }: PackagePage, env: Readonly<Record<string, string>>): Promise<void> {
    const add = this.#manager === 'npm' ? 'install' : 'add';
    const command = `${managers[this.#manager]} ${add} --global ${globally.join(' ')}`;
    await this.#do('bash', ['-c', command], { ...process.env, ...quiet, ...env });
  }

  /** Writes what a page has people write, and each example as a module of its own, named for its line. */
  write({ files, examples }: PackagePage): void {
    for (const { name, code } of files) {
      mkdirSync(join(this.folder, name, '..'), { recursive: true });
      writeFileSync(join(this.folder, name), code);
    }
    for (const { line, language, code } of examples) {
      writeFileSync(join(this.folder, `example-${line}.${language}`), code);
    }
  }

  /** Compiles all examples. Node's way to find types leaves JavaScript beside them; the bundlers' is tried where less is found. */
  async compile(examples: PackagePage['examples']): Promise<void> {
    const files = examples.filter(({ language }) => language === 'ts').map(({ line }) => `example-${line}.ts`);
    if (files.length === 0) return;
    const ways = this.#manager === 'npm' ? [resolutions.nodenext] : Object.values(resolutions);
    for (const resolution of ways) {
      // Declarations of packages are checked; those of the language are not theirs.
      const options = [
        '--target',
        'es2023',
        '--strict',
        '--types',
        'node',
        '--skipDefaultLibCheck',
        ...resolution,
        ...files,
      ];
      await this.#do(process.execPath, [compiler, ...options], process.env);
    }
  }

  /** Runs an example, and says what went wrong; undefined: nothing. */
  async runExample(
    { line, exitCode }: PackagePage['examples'][number],
    node: NodeProgram,
    env: Readonly<Record<string, string>>,
  ): Promise<string | undefined> {
    this.#bringSqlite(node);
    const options = { cwd: this.folder, env: { ...process.env, ...env }, timeout: 60_000 };
    try {
      await run(node.path, [`example-${line}.js`], options);
      return exitCode === 0 ? undefined : `ends with 0 instead of ${exitCode}`;
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
      return code === exitCode ? undefined : `ends with ${String(code)} instead of ${exitCode}: ${stdout}${stderr}`;
    }
  }

  /** Packages are installed without their scripts, and get the binary of SQLite that goes with a Node. */
  #bringSqlite({ sqlite }: NodeProgram): void {
    const folder = join(this.folder, 'node_modules', 'better-sqlite3');
    if (existsSync(folder)) cpSync(sqlite, join(realpathSync(folder), 'build', 'Release', 'better_sqlite3.node'));
  }

  async #do(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
    try {
      await run(program, args, { cwd: this.folder, env, maxBuffer: 64 * 1024 * 1024 });
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${[program, ...args].join(' ')} failed: ${stdout}${stderr}`, { cause: error });
    }
  }
}

const strict = {
  autoInstallPeers: false,
  strictPeerDependencies: true,
  // A version that came out a minute ago, which is ours, is as good as any.
  minimumReleaseAge: 0,
  allowBuilds: { 'better-sqlite3': false },
};
const quiet = {
  npm_config_ignore_scripts: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_prefer_offline: 'true',
};
