import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One request, when its head was there (on the clock of `process.hrtime`, which all processes share), and its body. */
export type Arrival = { path: string; atNs: bigint; body: string };

/** What arrived since it was asked last. */
export type Arrivals = {
  count: number;
  /** Of all bodies. */
  bytes: number;
  /** The most requests that were being answered at one time. */
  mostInFlight: number;
  firstAtNs: bigint;
  lastAtNs: bigint;
  /** Empty unless they are kept. */
  arrivals: Arrival[];
};

/** An HTTP server in a process of its own. */
export interface Receiver {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What arrived since the last call. From now on each arrival is kept if `keep`; otherwise they are counted. */
  take(options?: { keep: boolean }): Promise<Arrivals>;
  stop(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const program = fileURLToPath(new URL('./receiver-process.mjs', import.meta.url));
  const child = fork(program, { execArgv: [] });
  const { port } = (await next(child)) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    async take(options = { keep: false }) {
      child.send(options);
      const { count, bytes, mostInFlight, firstAtNs, lastAtNs, arrivals } = (await next(child)) as ArrivalsOnTheWire;
      return {
        count,
        bytes,
        mostInFlight,
        firstAtNs: BigInt(firstAtNs),
        lastAtNs: BigInt(lastAtNs),
        arrivals: arrivals.map(([path, atNs, body]) => ({ path, atNs: BigInt(atNs), body })),
      };
    },
    stop: () => child.disconnect(),
  };
}

type ArrivalsOnTheWire = Omit<Arrivals, 'firstAtNs' | 'lastAtNs' | 'arrivals'> & {
  firstAtNs: string;
  lastAtNs: string;
  arrivals: Array<[path: string, atNs: string, body: string]>;
};

async function next(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message');
  return message;
}
