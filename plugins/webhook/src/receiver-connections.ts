import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Clock } from '@aftercommit/registry';

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

/** The connection of one attempt, as got wants it: an agent that has no other connection. */
export type ReceiverConnection = {
  readonly agents: { readonly http: HttpAgent } | { readonly https: HttpsAgent };
  /** Whether it carried a request before this attempt's. */
  readonly isReused: boolean;
};

type KnownConnection = ReceiverConnection & {
  isReused: boolean;
  isKept: boolean;
  socket: Duplex | undefined;
  /** Since when it waits for another request, by the monotonic clock. Undefined: it does not. */
  freeSince: number | undefined;
};

/**
 * The connections of one trigger's attempts, used again as long as the receiver behaves. Once it did not, each attempt
 * has one of its own: an answer too many would be taken for the next attempt's (I1), and a server that closes in the
 * wrong moment makes a repetition of a delivery that it took.
 */
export class ReceiverConnections {
  readonly #protocol: string;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #open = new Set<KnownConnection>();
  #reuses = true;
  /** What makes the next TLS handshake shorter. */
  #tlsSession: Buffer | undefined;

  /**
   * @param protocol Of the receiver's URL: `http:` or `https:`.
   * @param idleMs How long an unused connection is kept at most. A server's `Keep-Alive: timeout=` can make it less.
   */
  constructor(protocol: string, clock: Clock, idleMs: number = defaultIdleMs) {
    this.#protocol = protocol;
    this.#clock = clock;
    this.#idleMs = idleMs;
  }

  /** The connection for one request, which has to be sent at once: before the event loop turns. */
  async take(): Promise<ReceiverConnection> {
    const rested = this.#rested();
    if (rested === undefined) return this.#create();
    rested.freeSince = undefined;
    // What the receiver sent by now, or its end, may be unread. By the end of the second turn it is read.
    await turnOfTheLoop();
    await turnOfTheLoop();
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
  }

  /** Of those that have rested, the one that was used last: the others may be closed for being idle. */
  #rested(): KnownConnection | undefined {
    const restedIfFreeSince = this.#clock.monotonic() - restMs;
    const free = [...this.#open]
      .filter(({ freeSince }) => freeSince !== undefined)
      .sort((one, other) => (one.freeSince ?? 0) - (other.freeSince ?? 0));
    const rested = free.findLast(({ freeSince = 0 }) => freeSince <= restedIfFreeSince);
    return rested ?? (this.#kept < keptConnections ? undefined : free[0]);
  }

  get #kept(): number {
    return [...this.#open].filter(({ isKept }) => isKept).length;
  }

  #create(): ReceiverConnection {
    const isKept = this.#reuses && this.#kept < keptConnections;
    const options = { keepAlive: isKept, ...(isKept && { timeout: this.#idleMs }) };
    const tls = { ...options, ...(this.#tlsSession !== undefined && { session: this.#tlsSession }) };
    const agents = this.#protocol === 'https:' ? { https: new HttpsAgent(tls) } : { http: new HttpAgent(options) };
    const agent = 'https' in agents ? agents.https : agents.http;
    const connection: KnownConnection = { agents, isKept, isReused: false, socket: undefined, freeSince: undefined };
    this.#watchOpening(connection, agent);
    this.#watchWhileFree(connection, agent);
    return connection;
  }

  #watchOpening(connection: KnownConnection, agent: HttpAgent): void {
    const createConnection = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      const socket = createConnection(options, callback);
      if (socket) this.#opened(connection, socket);
      return socket;
    };
  }

  #opened(connection: KnownConnection, socket: Duplex): void {
    connection.socket = socket;
    this.#open.add(connection);
    socket.once('close', () => {
      // The agent may have made another by now.
      if (connection.socket === socket) this.#open.delete(connection);
    });
    // Between a request's end and the connection's being free, Node listens to no error.
    socket.on('error', () => undefined);
    socket.on('session', (session: Buffer) => {
      this.#tlsSession = session;
    });
  }

  /** While it is free, nothing may arrive but its end. One that is taken already is ended by who takes it. */
  #watchWhileFree(connection: KnownConnection, agent: HttpAgent): void {
    const misbehaved = (): void => this.#stopReuse();
    const keepSocketAlive = agent.keepSocketAlive.bind(agent);
    const reuseSocket = agent.reuseSocket.bind(agent);
    agent.keepSocketAlive = (socket) => {
      connection.freeSince = this.#clock.monotonic();
      socket.on('data', misbehaved).on('error', misbehaved);
      return this.#reuses && keepSocketAlive(socket);
    };
    agent.reuseSocket = (socket, request) => {
      connection.isReused = true;
      socket.off('data', misbehaved).off('error', misbehaved);
      reuseSocket(socket, request);
    };
  }

  #stopReuse(): void {
    this.#reuses = false;
    for (const { socket, freeSince } of this.#open) if (freeSince !== undefined) socket?.destroy();
  }
}
