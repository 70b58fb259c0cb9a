import { createHook } from 'node:async_hooks';
import { globalAgent as httpAgent } from 'node:http';
import { globalAgent as httpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { KindScope } from './kind-scope.js';

/** What must be closed by whoever opened it, also when it does not keep the process alive. */
const handles: Record<string, string> = {
  TCPWRAP: 'a connection',
  PIPEWRAP: 'a pipe',
  UDPWRAP: 'a UDP socket',
  TCPSERVERWRAP: 'a server',
  PIPESERVERWRAP: 'a server',
  PROCESSWRAP: 'a program',
  FSEVENTWRAP: 'a watcher of files',
  STATWATCHER: 'a watcher of files',
  MESSAGEPORT: 'a message port',
};

/** Follows what a kind opens until it is closed: by Node's own account, which no library can escape. */
export class HandleWatch {
  readonly #open = new Map<number, string>();
  readonly #hook;

  constructor(scope: KindScope) {
    this.#hook = createHook({
      init: (id, type, _trigger, resource) => {
        if (!scope.isInside) return;
        const what = type === 'Timeout' && isInterval(resource) ? 'an interval' : handles[type];
        // The connections that Node's own fetch keeps are Node's.
        if (what === undefined || (type === 'TCPWRAP' && isOfFetch())) return;
        this.#open.set(id, what);
      },
      destroy: (id) => void this.#open.delete(id),
    }).enable();
  }

  stop(): void {
    this.#hook.disable();
  }

  /** What is still open, but for the connections of Node's global agents: those are the whole process's. */
  get left(): string[] {
    const shared = new Set([httpAgent, httpsAgent].flatMap(handlesOf));
    return [...this.#open].filter(([id]) => !shared.has(id)).map(([, what]) => what);
  }
}

function isInterval(resource: object): boolean {
  return '_repeat' in resource && resource._repeat !== null;
}

function isOfFetch(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return stack.includes('node:internal/deps/undici');
}

function handlesOf({ sockets, freeSockets }: typeof httpAgent): number[] {
  const all = [...Object.values(sockets), ...Object.values(freeSockets)].flatMap((some) => some ?? []);
  return all.flatMap(
    (socket: Socket & { _handle?: { getAsyncId(): number } | null }) => socket._handle?.getAsyncId() ?? [],
  );
}
