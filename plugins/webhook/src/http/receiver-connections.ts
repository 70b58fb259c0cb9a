import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { callbackify } from 'node:util';
import type { Clock } from '@aftercommit/registry';
import type { HttpProxy } from './http-proxy.js';

/**
 * How long a connection rests between two requests. What a receiver sends too much comes meanwhile, while nobody waits
 * for an answer there, also when its system holds it back until the first answer is acknowledged (40 ms on Linux).
 */
const restMs = 100;

/** How long an unused connection is kept at most: less than the 5 seconds after which many servers close it. */
const defaultIdleMs = 4_000;

/**
 * How many are kept at most. There are as many as attempts are made within a rest: one, where they are seldom. Where there
 * would be more, the rest is shorter: that of whichever has rested longest.
 */
const keptConnections = 64;

/** The connection of one attempt, as `node:http` wants it: an agent that has no other connection. */
export type ReceiverConnection = {
  readonly agent: HttpAgent;
  /** Whether it carried a request before this attempt's. */
  readonly isReused: boolean;
  /** Ends what a proxy has not opened yet: while there is no socket, a request cannot be ended by itself. */
  giveUp(): void;
};

/** How connections are opened, and kept. */
export type ConnectionOptions = {
  /** How long an unused one is kept at most. A server's `Keep-Alive: timeout=` can make it less. */
  idleMs?: number;
  /** The proxy through which they go. Undefined: none. */
  proxy?: HttpProxy | undefined;
};

class KnownConnection implements ReceiverConnection {
  readonly agent: HttpAgent;
  isReused = false;
  socket: Duplex | undefined;
  /** Since when it waits for another request, by the monotonic clock. */
  freeSince = 0;
  /** Undefined: no proxy is opening it. */
  opening: AbortController | undefined;

  constructor(agent: HttpAgent) {
    this.agent = agent;
  }

  giveUp(): void {
    this.opening?.abort();
  }
}

/**
 * The connections of one trigger's attempts, used again as long as the receiver behaves. Once it did not, each attempt
 * has one of its own: an answer too many would be taken for the next attempt's (I1), and a server that closes in the
 * wrong moment makes a repetition of a delivery that it took.
 */
export class ReceiverConnections {
  readonly #protocol: string;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #proxy: HttpProxy | undefined;
  readonly #open = new Set<KnownConnection>();
  /** What a proxy has been asked to open. */
  readonly #opening = new Set<AbortController>();
  /** Those that wait for another request: the one that has rested longest first. */
  readonly #free: KnownConnection[] = [];
  /** How many of the open ones may wait for another request. */
  #kept = 0;
  /** What arrived by then, by the monotonic clock, was read. */
  #readUntil = Number.NEGATIVE_INFINITY;
  #isReading = false;
  #reuses = true;
  /** What makes the next TLS handshake shorter. */
  #tlsSession: Buffer | undefined;

  /** @param protocol Of the receiver's URL: `http:` or `https:`. */
  constructor(protocol: string, clock: Clock, { idleMs = defaultIdleMs, proxy }: ConnectionOptions = {}) {
    this.#protocol = protocol;
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#proxy = proxy;
  }

  /** The connection for one request, which has to be sent at once: before the event loop turns. */
  async take(): Promise<ReceiverConnection> {
    const place = this.#placeOfRested();
    const [rested] = place === undefined ? [] : this.#free.splice(place.at, 1);
    if (rested === undefined) return this.#create();
    if (!place?.isRead) {
      // What the receiver sent by now, or its end, may be unread. By the end of the second turn it is read.
      await turnOfTheLoop();
      await turnOfTheLoop();
    }
    if (this.#reuses && rested.socket?.destroyed === false) return rested;
    rested.socket?.destroy();
    return this.#create();
  }

  /**
   * Tells that no answer came, unless somebody here gave up waiting.
   *
   * @param code The error's.
   */
  failed(connection: ReceiverConnection, code: string): void {
    const isBroken = code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('HPE_');
    if (connection.isReused && isBroken) this.#stopReuse();
  }

  /** Ends all connections, also those in use. */
  close(): void {
    this.#reuses = false;
    for (const { socket } of this.#open) socket?.destroy();
    for (const opening of this.#opening) opening.abort();
  }

  /**
   * Of those that have rested, the one that was used last: the others may be closed for being idle. First of those of
   * which everything is read that arrived during their rest: they can be used at once.
   */
  #placeOfRested(): { at: number; isRead: boolean } | undefined {
    const read = this.#lastFreeBefore(this.#readUntil - restMs);
    if (read >= 0) return { at: read, isRead: true };
    const rested = this.#lastFreeBefore(this.#clock.monotonic() - restMs);
    if (rested >= 0) return { at: rested, isRead: false };
    const [longest] = this.#kept < keptConnections ? [] : this.#free;
    return longest && { at: 0, isRead: longest.freeSince <= this.#readUntil };
  }

  #lastFreeBefore(instant: number): number {
    return this.#free.findLastIndex(({ freeSince }) => freeSince <= instant);
  }

  #create(): ReceiverConnection {
    const isKept = this.#reuses && this.#kept < keptConnections;
    const options = { keepAlive: isKept, ...(isKept && { timeout: this.#idleMs }) };
    const session = this.#tlsSession === undefined ? {} : { session: this.#tlsSession };
    const agent = this.#protocol === 'https:' ? new HttpsAgent({ ...options, ...session }) : new HttpAgent(options);
    const connection = new KnownConnection(agent);
    this.#watchOpening(connection, isKept);
    this.#watchWhileFree(connection);
    return connection;
  }

  #watchOpening(connection: KnownConnection, isKept: boolean): void {
    const { agent } = connection;
    const createConnection = agent.createConnection.bind(agent);
    const create: HttpAgent['createConnection'] = (options, callback) => {
      const socket = createConnection(options, callback);
      if (socket) this.#opened(connection, socket, isKept);
      return socket;
    };
    const proxy = this.#proxy;
    if (proxy === undefined) {
      agent.createConnection = create;
      return;
    }
    const createThroughProxy = async (options: ClientRequestArgs): Promise<Duplex> => {
      const socket = await this.#askProxy(proxy, connection, options);
      if (this.#protocol === 'https:') {
        // TLS is spoken over what the proxy opened, instead of over a socket to the receiver.
        const over: ClientRequestArgs & { socket: Socket } = { ...options, socket };
        return create(over) ?? socket;
      }
      this.#opened(connection, socket, isKept);
      return socket;
    };
    const connectThroughProxy = callbackify(createThroughProxy);
    agent.createConnection = (options, callback) => {
      if (callback !== undefined) connectThroughProxy(options, callback);
      return undefined;
    };
  }

  async #askProxy(proxy: HttpProxy, connection: KnownConnection, target: ClientRequestArgs): Promise<Socket> {
    const opening = new AbortController();
    connection.opening = opening;
    this.#opening.add(opening);
    try {
      return await proxy.connect({ host: String(target.host), port: Number(target.port) }, opening.signal);
    } finally {
      connection.opening = undefined;
      this.#opening.delete(opening);
    }
  }

  #opened(connection: KnownConnection, socket: Duplex, isKept: boolean): void {
    connection.socket = socket;
    this.#open.add(connection);
    if (isKept) this.#kept += 1;
    socket.once('close', () => {
      if (isKept) this.#kept -= 1;
      // The agent may have made another by now.
      if (connection.socket !== socket) return;
      this.#open.delete(connection);
      const place = this.#free.indexOf(connection);
      if (place >= 0) this.#free.splice(place, 1);
    });
    // Between a request's end and the connection's being free, Node listens to no error.
    socket.on('error', () => undefined);
    socket.on('session', (session: Buffer) => {
      this.#tlsSession = session;
    });
  }

  /** While it is free, nothing may arrive but its end. One that is taken already is ended by who takes it. */
  #watchWhileFree(connection: KnownConnection): void {
    const { agent } = connection;
    const misbehaved = (): void => this.#stopReuse();
    const keepSocketAlive = agent.keepSocketAlive.bind(agent);
    const reuseSocket = agent.reuseSocket.bind(agent);
    agent.keepSocketAlive = (socket) => {
      const isKept = this.#reuses && keepSocketAlive(socket);
      if (isKept) this.#becomesFree(connection);
      socket.on('data', misbehaved).on('error', misbehaved);
      return isKept;
    };
    agent.reuseSocket = (socket, request) => {
      connection.isReused = true;
      socket.off('data', misbehaved).off('error', misbehaved);
      reuseSocket(socket, request);
    };
  }

  #becomesFree(connection: KnownConnection): void {
    connection.freeSince = this.#clock.monotonic();
    this.#free.push(connection);
    if (this.#isReading) return;
    this.#isReading = true;
    // Sockets are read once between the first of these turns and the second.
    setImmediate(() => {
      const beganAt = this.#clock.monotonic();
      setImmediate(() => {
        this.#readUntil = beganAt;
        this.#isReading = false;
      });
    });
  }

  #stopReuse(): void {
    this.#reuses = false;
    for (const { socket } of this.#free.splice(0)) socket?.destroy();
  }
}
