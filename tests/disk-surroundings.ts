import { spawnSync } from 'node:child_process';

/** What a command is run within: a program with its arguments, or why there is none on this machine. */
export type Surroundings = { within: readonly string[] } | { missing: string };

/**
 * A mount namespace, in which a shell script mounts what nobody else sees, and which takes its mounts along when it ends.
 * The script finds its arguments in `$0`, `$1` and so on.
 */
export function mountNamespace(script: string, ...args: readonly string[]): Surroundings {
  const probe = 'mount -t tmpfs -o size=64k none /tmp';
  for (const unshare of [
    ['unshare', '-rm'],
    ['unshare', '-m'],
  ]) {
    if (succeeds([...unshare, 'sh', '-c', probe])) return { within: [...unshare, 'sh', '-c', script, ...args] };
  }
  return { missing: 'nothing can be mounted here: neither unshare -rm nor unshare -m may' };
}

/** Somebody to whom permissions matter, and who can read the file: root is not. */
export function ordinaryUser(readable: string): Surroundings {
  if (process.getuid?.() !== 0) return { within: [] };
  const within = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  if (succeeds([...within, 'test', '-r', readable])) return { within };
  return { missing: `root runs this, and setpriv cannot make it another user who can read ${readable}` };
}

/** The user of `ordinaryUser`, where root runs this. */
export const nobody = 65_534;

/** A shell that limits the size of the files that a command may write, in KiB. */
export function fileSizeLimit(kibibytes: number): Surroundings {
  // bash counts in KiB, other shells in 512 bytes.
  if (!succeeds(['bash', '-c', 'ulimit -f 1'])) return { missing: 'there is no bash to limit the size of files with' };
  return { within: ['bash', '-c', 'ulimit -f "$0" && exec "$@"', String(kibibytes)] };
}

function succeeds([command = '', ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
