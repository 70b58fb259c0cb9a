import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { AttemptFailure } from './attempt-failure.js';
import { connectionFailure } from './connection-failure.js';
import { ProtocolReader, type ServerInfo, type ServerOperation } from './protocol-reader.js';
import { describeServer, type ServerAddress } from './server-address.js';
import { serverFailure } from './server-error.js';

/** When a connection is asked for a sign of life that carries nothing, in milliseconds: firewalls forget silent ones. */
const keepAliveMs = 30_000;

/** What is done with the next thing that the server says, and with the end of the connection. */
type Waiting = { take(operation: ServerOperation): void; fail(failure: AttemptFailure): void };

/**
 * A connection to one server. One attempt has it at a time, so that it waits for one thing at a time. What the server says
 * while nobody waits is an answer to nobody, but for its pings.
 */
export class ServerConnection {
  /** The server, such as `nats://example.com:4222`. */
  readonly where: string;
  readonly #address: ServerAddress;
  readonly #reader = new ProtocolReader();
  #socket: Socket;
  #waiting: Waiting | undefined;
  #end: AttemptFailure | undefined;
  #info: ServerInfo = {};

  /** @param lookup Resolves the server's name, and says which addresses may be reached. */
  constructor(address: ServerAddress, lookup: LookupFunction) {
    this.where = describeServer(address);
    this.#address = address;
    const { host, port } = address;
    this.#socket = connect({ host, port, lookup, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
    this.#listen(this.#socket);
  }

  /** What the server said of itself last. */
  get info(): ServerInfo {
    return this.#info;
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /**
   * Sends, and waits until the server says what is looked for. What it says before is passed over.
   *
   * @param found What is looked for in each thing that the server says. Undefined: it is not that one.
   * @throws AttemptFailure The connection is over, or the server told an error.
   */
  exchange<Found>(
    bytes: ReadonlyArray<string | Uint8Array>,
    found: (operation: ServerOperation) => Found | undefined,
  ): Promise<Found> {
    return this.#until((resolve) => {
      this.#socket.cork();
      for (const some of bytes) this.#socket.write(some);
      this.#socket.uncork();
      return (operation) => {
        const result = found(operation);
        if (result !== undefined) resolve(result);
      };
    });
  }

  /**
   * Goes on with TLS. The server's certificate has to be for the configured host.
   *
   * @throws AttemptFailure The server cannot be trusted, or the connection is over.
   */
  async startTls(options: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>): Promise<void> {
    // What came in the clear must not be taken for what came protected.
    if (this.#reader.isAmidst) throw this.end(this.#nonsense());
    const { host } = this.#address;
    const socket = this.#socket.removeAllListeners('data');
    await this.#until<void>((resolve) => {
      // Also where the environment turns verification off.
      const verified = { ...options, host, rejectUnauthorized: true, ...(isIP(host) === 0 && { servername: host }) };
      this.#socket = connectTls({ ...verified, socket }, resolve);
      this.#listen(this.#socket);
      return () => undefined;
    });
  }

  /** Ends it, and what waits for it, with that failure: the first one counts. */
  end(failure: AttemptFailure): AttemptFailure {
    this.#end ??= failure;
    this.#socket.destroy();
    this.#waiting?.fail(this.#end);
    return this.#end;
  }

  #until<Result>(begin: (resolve: (result: Result) => void) => Waiting['take']): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      const take = begin((result) => {
        this.#waiting = undefined;
        resolve(result);
      });
      this.#waiting = { take, fail: reject };
    });
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.end(connectionFailure(error, this.where)));
    socket.on('close', () => this.end(new AttemptFailure('retry', `connection closed by ${this.where}`)));
  }

  #read(chunk: Buffer): void {
    try {
      for (const operation of this.#reader.read(chunk)) this.#take(operation);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.end(this.#nonsense());
    }
  }

  #take(operation: ServerOperation): void {
    if (operation.name === '-ERR') return void this.end(serverFailure(operation.message, this.where));
    if (operation.name === 'PING') return void this.#socket.write('PONG\r\n');
    if (operation.name === 'INFO') this.#info = operation.info;
    this.#waiting?.take(operation);
  }

  #nonsense(): AttemptFailure {
    return new AttemptFailure('retry', `what ${this.where} says is not the protocol of NATS`);
  }
}
