import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const sqliteHere = realpathSync(join(root, 'node_modules', 'better-sqlite3'));
const binary = join('build', 'Release', 'better_sqlite3.node');

/** A Node that examples run on. */
export type NodeProgram = {
  path: string;
  version: string;
  /** The binary of better-sqlite3 for it. Where none can be fetched, compiling it takes a minute: it is made once. */
  sqlite: string;
};

/**
 * The Node that this process is, and those of the environment variable `AFTERCOMMIT_NODES`: paths, with colons between them.
 *
 * @param target A folder for what has to be made.
 */
export async function nodePrograms(target: string): Promise<NodeProgram[]> {
  const own = { path: process.execPath, version: process.version, sqlite: join(sqliteHere, binary) };
  const others = (process.env['AFTERCOMMIT_NODES'] ?? '').split(delimiter).filter((path) => path !== '');
  return [own, ...(await Promise.all(others.map((path) => otherNode(path, target))))];
}

async function otherNode(path: string, target: string): Promise<NodeProgram> {
  const { stdout } = await run(path, ['--version']);
  const version = stdout.trim();
  const folder = join(target, `sqlite-${version}`);
  mkdirSync(folder, { recursive: true });
  const headers = dirname(dirname(path));
  const env = {
    ...process.env,
    PATH: [dirname(path), process.env['PATH']].join(delimiter),
    ...(existsSync(join(headers, 'include', 'node')) && { npm_config_nodedir: headers }),
  };
  const { version: sqlite }: { version: string } = JSON.parse(readFileSync(join(sqliteHere, 'package.json'), 'utf8'));
  await run('npm', ['install', '--no-save', '--prefix', folder, `better-sqlite3@${sqlite}`], { cwd: folder, env });
  return { path, version, sqlite: join(folder, 'node_modules', 'better-sqlite3', binary) };
}
