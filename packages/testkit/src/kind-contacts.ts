import { createHook } from 'node:async_hooks';
import childProcess from 'node:child_process';
import fs from 'node:fs';
import type { KindScope } from './kind-scope.js';
import { Patches } from './patches.js';

/** How Node calls what reaches beyond the process. */
export const contacts: Record<string, string> = {
  TCPCONNECTWRAP: 'connects to a host',
  PIPECONNECTWRAP: 'connects to a socket of this machine',
  UDPSENDWRAP: 'sends a datagram',
  GETADDRINFOREQWRAP: 'resolves a name',
  GETNAMEINFOREQWRAP: 'resolves an address',
  QUERYWRAP: 'asks a name server',
  PROCESSWRAP: 'starts a program',
  WORKER: 'starts a thread',
};

/** And what else is input or output, or goes on afterwards. */
const workOfAnyKind: Record<string, string> = {
  ...contacts,
  FSREQCALLBACK: 'uses a file',
  FSREQPROMISE: 'uses a file',
  FILEHANDLE: 'uses a file',
  Timeout: 'starts a timer',
};

const blockingFileCalls = [
  'readFileSync',
  'writeFileSync',
  'appendFileSync',
  'existsSync',
  'accessSync',
  'statSync',
  'lstatSync',
  'readdirSync',
  'realpathSync',
  'openSync',
] as const;
const blockingProgramCalls = ['execSync', 'execFileSync', 'spawnSync'] as const;

/** What a kind does while the work is done, each once: whom it contacts. */
export async function contactsDuring(scope: KindScope, work: () => Promise<unknown>): Promise<string[]> {
  return watched(scope, contacts, work);
}

/** As `contactsDuring`, and everything else that is input or output, or that goes on afterwards. */
export async function outsideWorkDuring(scope: KindScope, work: () => Promise<unknown>): Promise<string[]> {
  const patches = new Patches();
  const blocking = new Set<string>();
  const noting = (what: string) => (original: unknown) => {
    const noted = (...args: unknown[]): unknown => {
      if (scope.isInside) blocking.add(what);
      return (original as (...args: unknown[]) => unknown)(...args);
    };
    // Some have functions of their own, such as `realpathSync.native`.
    return Object.assign(noted, original);
  };
  const programs = childProcess as unknown as Record<string, unknown>;
  const files = fs as unknown as Record<string, unknown>;
  for (const name of blockingFileCalls) patches.replace(files, name, noting('uses a file'));
  for (const name of blockingProgramCalls) patches.replace(programs, name, noting('starts a program'));
  try {
    const seen = await watched(scope, workOfAnyKind, work);
    return [...new Set([...seen, ...blocking])];
  } finally {
    patches.restore();
  }
}

async function watched(
  scope: KindScope,
  names: Record<string, string>,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const seen = new Set<string>();
  const hook = createHook({
    init(_id, type) {
      const name = names[type];
      if (name !== undefined && scope.isInside) seen.add(name);
    },
  }).enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  return [...seen];
}
