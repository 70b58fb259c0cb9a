import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Where a connection is to be cut: at the n-th request, from 1. `request`: it never arrives. `reply`: its answer does not. */
export type Cut = { request: number; lost: 'request' | 'reply' };

/** A network between clients and their PostgreSQL that can be told to fail. */
export type PostgresProxy = {
  readonly port: number;
  /** Requests that came so far, since `cutAt` and `holdAt`: what asks for an answer, whatever it consists of. */
  readonly requests: number;
  /** Cuts one connection, the one that has that request. Undefined: none. */
  cutAt(cut: Cut | undefined): void;
  /** Keeps the n-th request, from 1, and what follows it, as when the client stands still. Resolves when it has it. */
  holdAt(request: number): Promise<void>;
  /** Passes on what was kept. */
  release(): void;
  /** Passes on nothing any more, in neither direction, and closes nothing: as when a cable is pulled. */
  part(): void;
  /** New connections are passed on again. Those of before are closed. */
  heal(): void;
  close(): Promise<void>;
};

export async function startPostgresProxy(serverPort: number): Promise<PostgresProxy> {
  const connections = new Set<ProxiedConnection>();
  let planned: Cut | undefined;
  let requests = 0;
  let isParted = false;
  let holding: { request: number; isMet: () => void } | undefined;
  const kept: Array<() => void> = [];

  /** What becomes of a piece that a client has sent. */
  const pass = (connection: ProxiedConnection, data: Buffer): void => {
    requests += connection.requestsEndedBy(data);
    if (planned !== undefined && requests >= planned.request) {
      const { lost } = planned;
      planned = undefined;
      if (lost === 'request') {
        connection.cut();
        return;
      }
      connection.cutAtReply();
    }
    if (holding === undefined || requests < holding.request) {
      connection.toServer(data);
      return;
    }
    kept.push(() => connection.toServer(data));
    holding.isMet();
  };

  const listener = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    const connection = new ProxiedConnection(client, server, pass);
    connections.add(connection);
    for (const socket of [client, server]) {
      socket.once('close', () => {
        if (client.destroyed && server.destroyed) connections.delete(connection);
      });
    }
    if (isParted) connection.part();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
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
      for (const passOn of kept.splice(0)) passOn();
    },
    part() {
      isParted = true;
      for (const connection of connections) connection.part();
    },
    heal() {
      isParted = false;
      for (const connection of connections) if (connection.isParted) connection.cut();
    },
    async close() {
      for (const connection of connections) connection.cut();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** One client and its connection to the server. */
class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  #isParted = false;
  #isCutAtReply = false;
  /** Of a message that has not come as a whole. */
  #rest: Buffer = Buffer.alloc(0);
  #hasBegun = false;

  constructor(client: Socket, server: Socket, pass: (connection: ProxiedConnection, data: Buffer) => void) {
    this.#client = client;
    this.#server = server;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        if (!this.#isParted) this.cut();
      });
    }
    client.on('data', (data) => {
      if (!this.#isParted) pass(this, data);
    });
    server.on('data', (data) => {
      if (this.#isParted) return;
      if (!this.#isCutAtReply) client.write(data);
      else if (isReadyForQuery(data)) this.cut();
    });
  }

  get isParted(): boolean {
    return this.#isParted;
  }

  part(): void {
    this.#isParted = true;
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  /** Cuts it instead of passing on the next answer. */
  cutAtReply(): void {
    this.#isCutAtReply = true;
  }

  toServer(data: Buffer): void {
    this.#server.write(data);
  }

  /**
   * How many requests end with this piece. After a first message without one, messages have a letter and their length; `Q` and `S`
   * ask for an answer.
   */
  requestsEndedBy(data: Buffer): number {
    let ended = 0;
    this.#rest = Buffer.concat([this.#rest, data]);
    for (;;) {
      const letterBytes = this.#hasBegun ? 1 : 0;
      if (this.#rest.length < letterBytes + 4) return ended;
      const length = letterBytes + this.#rest.readUInt32BE(letterBytes);
      if (this.#rest.length < length) return ended;
      const letter = this.#hasBegun ? String.fromCharCode(this.#rest[0] ?? 0) : '';
      if (letter === 'Q' || letter === 'S') ended += 1;
      this.#hasBegun = true;
      this.#rest = this.#rest.subarray(length);
    }
  }
}

/** Whether the server has said all that it will: its last message is always the same, but for its last byte. */
function isReadyForQuery(data: Buffer): boolean {
  return data.subarray(-6, -1).equals(Buffer.from([0x5a, 0, 0, 0, 5]));
}
