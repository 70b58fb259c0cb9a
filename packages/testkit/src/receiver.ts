import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { askReceiver, type ReceivedOnTheWire } from './receiver-control.js';
import { ReceiverError } from './receiver-error.js';

/** One response of the receiver. Undefined fields: at once, in one piece. */
export type ReceiverResponse = {
  /** Undefined: 200. */
  status?: number;
  /** Beside those of HTTP itself. Undefined: none. */
  headers?: Record<string, string>;
  /** Undefined: it is empty. */
  body?: string | Uint8Array;
  /** Waits so long before the status line. */
  delayMs?: number;
  /** Takes the request and never answers. */
  hang?: true;
  /** Closes the connection: before the status line, or after half of the body. */
  destroy?: 'before-status' | 'mid-body';
  /** Sends the body byte by byte, so many milliseconds apart. */
  dripMsPerByte?: number;
};

/** A request whose body arrived completely. */
export type ReceivedRequest = {
  /** When its last byte was there, in milliseconds since the Unix epoch. */
  at: number;
  /** The number of the connection it came over, from 1: equal numbers are one kept-alive connection. */
  connection: number;
  /** In capitals: `POST`. */
  method: string;
  /** As sent, query included. */
  path: string;
  /** Names in lower case; the values of a repeated one joined by `, `. */
  headers: Record<string, string>;
  /** As it arrived, byte by byte. */
  rawBody: Uint8Array;
  /** `rawBody` as UTF-8. */
  body: string;
  /** The header `webhook-id`. Undefined: there was none. */
  idempotencyKey?: string;
};

/** An HTTP server in a process of its own: a SIGKILL of whoever delivers to it changes nothing in it. */
export interface Receiver {
  /** Where it listens: `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Its own address for `attachReceiver`. */
  readonly controlUrl: string;
  /** Sets what the path (without query) answers from now on: one after the other, the last repeats. */
  respond(path: string, script: readonly ReceiverResponse[]): Promise<void>;
  /** What arrived so far, in order. Undefined path: everywhere. */
  requests(path?: string): Promise<ReceivedRequest[]>;
  /** Resolves with what arrived as soon as it is `count` requests or more. */
  waitFor(count: number, path?: string): Promise<ReceivedRequest[]>;
  /** Forgets every request and every script. */
  clear(): Promise<void>;
  /** Ends the process; connections break. Resolves when the port is free. */
  stop(): Promise<void>;
}

/**
 * Starts a receiver. It never keeps this process alive, and ends with it.
 *
 * @param options.port Undefined: a free one.
 * @param options.detached It goes on when this process ends, until somebody stops it. Undefined: false.
 * @throws ReceiverError `RECEIVER_NOT_STARTED`, such as when the port is taken.
 */
export async function startReceiver(options: { port?: number; detached?: boolean } = {}): Promise<Receiver> {
  // One level up and down again: the same file from src/ and from the bundled dist/.
  const program = fileURLToPath(new URL('../src/receiver-process.mjs', import.meta.url));
  const child = fork(program, [JSON.stringify(options)], {
    execArgv: [],
    detached: options.detached ?? false,
    stdio: ['ignore', 'ignore', options.detached ? 'ignore' : 'inherit', 'ipc'],
  });
  const { port, controlPort } = await firstMessage(child);
  if (options.detached) child.disconnect();
  else child.channel?.unref();
  child.unref();
  const receiver = attachReceiver(`http://127.0.0.1:${controlPort}?port=${port}`);
  return { ...receiver, stop: () => stopAndWait(receiver, child) };
}

/** A receiver that another process started, by its `controlUrl`. */
export function attachReceiver(controlUrl: string): Receiver {
  const address = new URL(controlUrl);
  return {
    url: `http://127.0.0.1:${address.searchParams.get('port')}`,
    controlUrl,
    async respond(path, script) {
      const steps = script.map(({ body, ...step }) => ({ ...step, body: Buffer.from(body ?? '').toString('base64') }));
      await askReceiver(address, { command: 'respond', path, script: steps });
    },
    async requests(path) {
      return (await askReceiver(address, { command: 'requests', path })).map(readable);
    },
    async waitFor(count, path) {
      return (await askReceiver(address, { command: 'wait', count, path })).map(readable);
    },
    async clear() {
      await askReceiver(address, { command: 'clear' });
    },
    async stop() {
      await askReceiver(address, { command: 'stop' });
    },
  };
}

type Announcement = { port: number; controlPort: number };

function firstMessage(child: ChildProcess): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      reject(new ReceiverError('RECEIVER_NOT_STARTED', `The receiver did not start: ${reason}.`));
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`its process ended with exit code ${code}`));
    child.once('message', (message: Announcement | { error: string }) => {
      if ('error' in message) fail(message.error);
      else resolve(message);
    });
  });
}

async function stopAndWait(receiver: Receiver, child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await receiver.stop();
  await ended;
}

function readable({ body, ...request }: ReceivedOnTheWire): ReceivedRequest {
  const rawBody = Buffer.from(body, 'base64');
  const idempotencyKey = request.headers['webhook-id'];
  return { ...request, rawBody, body: rawBody.toString(), ...(idempotencyKey !== undefined && { idempotencyKey }) };
}
