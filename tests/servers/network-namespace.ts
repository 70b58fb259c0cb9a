import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const prefix = 'aftercommit-';

/** A host on a network of its own, with a cable to this machine. */
export type NetworkNamespace = {
  /** Of this machine, as the namespace sees it. */
  readonly address: string;
  /** Both ends of the cable, as PostgreSQL writes networks. */
  readonly network: string;
  /** Runs a program in there: the command for it. */
  command(program: string, args: readonly string[]): [program: string, args: string[]];
  /** Pulls the cable: nothing arrives any more, in neither direction, and nobody is told. */
  unplug(): void;
  plugIn(): void;
  /** The processes in it keep a network that leads nowhere. */
  remove(): void;
};

/**
 * Why there can be none here. Undefined: there can. Only root may make one, and not in every container: so it is asked
 * everywhere, also where `.ci/run` sets CI.
 */
export const missingNamespaces: string | undefined = whyNot();

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'Only root can make a network namespace';
  try {
    makeNamespace().remove();
    return undefined;
  } catch (error) {
    return `No network namespace can be made here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Makes one. Its addresses are of those that are set aside for measuring networks, and lead nowhere else. */
export function makeNamespace(): NetworkNamespace {
  const { pid } = process;
  const name = `${prefix}${pid}`;
  const [outer, inner] = [`ac${pid}o`, `ac${pid}i`];
  const network = `198.18.${(pid >> 6) & 255}`;
  const first = (pid & 63) * 4;
  const address = `${network}.${first + 1}`;
  const remove = (): void => {
    process.off('exit', remove);
    ip('netns', 'delete', name);
  };
  removeLeftOver();
  ip('netns', 'add', name);
  process.once('exit', remove);
  try {
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name);
    ip('address', 'add', `${address}/30`, 'dev', outer);
    ip('link', 'set', outer, 'up');
    ip('-n', name, 'address', 'add', `${network}.${first + 2}/30`, 'dev', inner);
    ip('-n', name, 'link', 'set', inner, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    remove();
    throw error;
  }
  return {
    address,
    network: `${network}.${first}/30`,
    // It becomes the program: signals reach it.
    command: (program, args) => ['nsenter', [`--net=/run/netns/${name}`, '--', program, ...args]],
    unplug: () => ip('-n', name, 'link', 'set', inner, 'down'),
    plugIn: () => ip('-n', name, 'link', 'set', inner, 'up'),
    remove() {
      // The namespace is taken apart later, and its end of the cable with it: with this end both are gone now.
      ip('link', 'delete', outer);
      remove();
    },
  };
}

/** Those of processes that were killed before they had removed theirs. */
function removeLeftOver(): void {
  for (const [name, pid] of ip('netns', 'list').matchAll(new RegExp(`^${prefix}(\\d+)`, 'gm'))) {
    if (!existsSync(`/proc/${pid}`)) ip('netns', 'delete', name);
  }
}

/** Debian has it in a folder that is not on everybody's path. */
function ip(...args: string[]): string {
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  return execFileSync('ip', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
