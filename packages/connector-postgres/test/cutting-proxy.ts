import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Where the connection is to be cut: at the n-th request, from 1. `request`: it never arrives. `reply`: its answer does not. */
export type Cut = { request: number; lost: 'request' | 'reply' };

/** A network between a connector and its server that can be told to fail. */
export type CuttingProxy = {
  readonly port: number;
  /** Requests that came so far, since `cutAt`. */
  readonly requests: number;
  /** Undefined: it is not cut any more. */
  cutAt(cut: Cut | undefined): void;
  /** Keeps the n-th request, from 1, and what follows it, as when the client stands still. Resolves when it has it. */
  holdAt(request: number): Promise<void>;
  /** Passes on what was kept. */
  release(): void;
  /** Passes on nothing any more, in neither direction, and closes nothing: as when a cable is pulled. */
  part(): void;
  close(): Promise<void>;
};

export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let planned: Cut | undefined;
  let requests = 0;
  let isParted = false;
  let holding: { request: number; isMet: () => void } | undefined;
  const kept: Array<() => void> = [];
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    let isWaitingForReply = false;
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    const reader = new RequestReader();
    client.on('data', (data) => {
      if (isParted) return;
      requests += reader.endedIn(data);
      const isMet = planned !== undefined && requests >= planned.request;
      if (isMet && planned?.lost === 'request') return cut();
      isWaitingForReply ||= isMet;
      if (holding === undefined || requests < holding.request) {
        server.write(data);
        return;
      }
      kept.push(() => server.write(data));
      holding.isMet();
    });
    server.on('data', (data) => {
      if (isParted) return;
      if (!isWaitingForReply) client.write(data);
      else if (isReadyForQuery(data)) cut();
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('a proxy without a port');
  return {
    port: address.port,
    get requests() {
      return requests;
    },
    cutAt(cut) {
      planned = cut;
      requests = 0;
    },
    holdAt(request) {
      requests = 0;
      return new Promise((isMet) => {
        holding = { request, isMet };
      });
    },
    release() {
      holding = undefined;
      for (const pass of kept.splice(0)) pass();
    },
    part() {
      isParted = true;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

/** What a client says after it has connected: messages of one letter and their length. `Q` and `S` ask for an answer. */
class RequestReader {
  #rest: Buffer = Buffer.alloc(0);
  #isConnected = false;

  /** How many requests end with this piece. */
  endedIn(data: Buffer): number {
    let ended = 0;
    this.#rest = Buffer.concat([this.#rest, data]);
    for (;;) {
      // The first message has no letter.
      const letterBytes = this.#isConnected ? 1 : 0;
      if (this.#rest.length < letterBytes + 4) return ended;
      const length = letterBytes + this.#rest.readUInt32BE(letterBytes);
      if (this.#rest.length < length) return ended;
      const letter = this.#isConnected ? String.fromCharCode(this.#rest[0] ?? 0) : '';
      if (letter === 'Q' || letter === 'S') ended += 1;
      this.#isConnected = true;
      this.#rest = this.#rest.subarray(length);
    }
  }
}

/** Whether the server has said all that it will: its last message is always the same, but for its last byte. */
function isReadyForQuery(data: Buffer): boolean {
  return data.subarray(-6, -1).equals(Buffer.from([0x5a, 0, 0, 0, 5]));
}
