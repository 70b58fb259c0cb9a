import { Socket } from 'node:net';
import type { KindScope } from './kind-scope.js';
import { Patches } from './patches.js';

/** Does the work while nobody listens wherever the kind connects to. Tells where it wanted to connect to, in order. */
export async function withoutReceivers(scope: KindScope, work: () => Promise<unknown>): Promise<string[]> {
  const wanted: string[] = [];
  const patches = new Patches().replace(
    Socket.prototype,
    'connect',
    (original) =>
      function connect(this: Socket, ...args: unknown[]): Socket {
        if (!scope.isInside) return Reflect.apply(original, this, args) as Socket;
        wanted.push(targetOf(args));
        Object.assign(this, { connecting: true });
        const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
        // In a later turn, as a connection is refused.
        setImmediate(() => this.destroy(refused));
        return this;
      } as typeof original,
  );
  try {
    await work();
  } finally {
    patches.restore();
  }
  return wanted;
}

/** Does the work, and gives it a way to break every connection that the kind has made meanwhile. */
export async function withBreakableConnections(
  scope: KindScope,
  work: (breakAll: () => number) => Promise<unknown>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const patches = new Patches().replace(
    Socket.prototype,
    'connect',
    (original) =>
      function connect(this: Socket, ...args: unknown[]): Socket {
        if (scope.isInside) sockets.add(this);
        return Reflect.apply(original, this, args) as Socket;
      } as typeof original,
  );
  try {
    await work(() => {
      for (const socket of sockets) {
        socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }));
      }
      return sockets.size;
    });
  } finally {
    patches.restore();
  }
}

/** `connect` takes a port, options, or both as Node has normalised them. */
function targetOf([first, second]: unknown[]): string {
  const [options] = Array.isArray(first) ? (first as unknown[]) : [first];
  return JSON.stringify(
    isTarget(options) ? [options.path ?? null, options.host ?? null, options.port ?? null] : [options, second],
  );
}

function isTarget(options: unknown): options is { path?: unknown; host?: unknown; port?: unknown } {
  return typeof options === 'object' && options !== null;
}
