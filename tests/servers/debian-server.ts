import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Whom a server runs as when the tests are run by root: PostgreSQL refuses to run as root. */
const ordinaryUser = 'nobody';

/** A program, and the same run by an ordinary user when we are root. */
export function asOrdinaryUser(program: string, args: readonly string[]): [program: string, args: string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]];
  return ['setpriv', [`--reuid=${ordinaryUser}`, '--regid=nogroup', '--clear-groups', program, ...args]];
}

/**
 * Why a server cannot be started here. Undefined: it can. Where everything must be there (`.ci/run` sets CI) it is not asked:
 * a test that needs the server fails then, instead of being skipped.
 *
 * @param program Its whole path.
 */
export function missingServer(program: string | undefined, debianPackage: string): string | undefined {
  if (program !== undefined && existsSync(program)) return undefined;
  const reason = `There is no ${program ?? debianPackage}: apt-get install --no-install-recommends ${debianPackage}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/** A port of 127.0.0.1 that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('a server without a port');
  return address.port;
}

/** Starts a program that ends with this process at the latest. */
export function spawnServer(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  const [file, all] = asOrdinaryUser(program, args);
  // Not piped: a server whose log nobody reads stands still when the pipe is full, in the middle of a transaction.
  const child = spawn(file, all, { env, stdio: 'ignore' });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

/** Stops a process as a whole until it is told to go on (`SIGCONT`). Resolves when each of its threads stands still. */
export async function freezeProcess(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  const tasks = `/proc/${child.pid}/task`;
  // The state stands behind the program's name, which is in parentheses.
  const isStopped = (task: string) => /\) T /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
  while (!readdirSync(tasks).every(isStopped)) await new Promise((resolve) => setImmediate(resolve));
}
