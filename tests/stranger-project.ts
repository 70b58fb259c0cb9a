import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';

const root = fileURLToPath(new URL('..', import.meta.url));

/** How a program ended. */
export type Ended = { exitCode: number | null; output: string };

/**
 * A project as a stranger has it: a copy of an example in a folder of its own, with our packages installed from tarballs as
 * they would be published. Packages of others are linked to those of this repository, so that nothing is fetched or compiled.
 */
export class StrangerProject {
  readonly folder: string;
  readonly #whole: string;

  /** @param dependencies The packages of ours that the project names. They are built if something changed. */
  constructor(example: string, dependencies: readonly string[]) {
    this.#whole = mkdtempSync(join(tmpdir(), 'stranger-'));
    this.folder = join(this.#whole, example);
    const tarballs = join(this.#whole, 'tarballs');
    mkdirSync(tarballs);
    const filters = dependencies.map((name) => `--filter=${name}...`);
    mustRun('turbo', ['run', 'build', '--output-logs=errors-only', ...filters], root);
    pnpm(['--recursive', ...filters, 'pack', '--pack-destination', tarballs], root);
    // What Git does not have, such as what somebody has installed there, is not a part of it.
    const ignored = ['node_modules', '.aftercommit', 'weather.db'];
    cpSync(join(root, 'examples', example), this.folder, {
      recursive: true,
      filter: (source) => !ignored.includes(basename(source)),
    });
    const overrides = { ...linked(), ...packed(tarballs) };
    writeFileSync(join(this.folder, 'pnpm-workspace.yaml'), JSON.stringify({ overrides }));
    pnpm(['install', '--offline', '--no-frozen-lockfile'], this.folder);
  }

  /** Runs a program that the project has installed. */
  async run(program: string, ...args: string[]): Promise<Ended> {
    const child = spawn(join(this.folder, 'node_modules', '.bin', program), args, {
      cwd: this.folder,
      // Not that of the test runner, which this is: that of somebody at a shell.
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        output += text.toString();
      });
    }
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, output }));
    });
  }

  remove(): void {
    rmSync(this.#whole, { recursive: true });
  }
}

/** Our packages, by name, as tarballs. */
function packed(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((file) => {
      const [, name] = /^aftercommit-(.*)-\d+\.\d+\.\d+\.tgz$/.exec(file) ?? [];
      return [`@aftercommit/${name}`, `file:${join(folder, file)}`];
    }),
  );
}

/** The packages of others that ours stand on, and those that tests do, by name, where this repository has them. */
function linked(): Record<string, string> {
  const links = globSync(['package.json', '{packages,plugins}/*/package.json'], { cwd: root }).flatMap((file) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, file), 'utf8'));
    const names = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !name.startsWith('@aftercommit/'),
    );
    return names.map((name) => {
      const folder = join(root, file, '..', 'node_modules', name);
      return [name, `link:${realpathSync(folder)}`] as const;
    });
  });
  return Object.fromEntries(links);
}

function pnpm(args: readonly string[], cwd: string): void {
  const manager = process.env['npm_execpath'];
  if (manager === undefined || !/pnpm/.test(manager)) mustRun('npx', ['-y', 'pnpm@12', ...args], cwd);
  else if (/\.[cm]?js$/.test(manager)) mustRun(process.execPath, [manager, ...args], cwd);
  else mustRun(manager, args, cwd);
}

function mustRun(program: string, args: readonly string[], cwd: string): void {
  const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH']}` };
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stdout + stderr}`);
}
