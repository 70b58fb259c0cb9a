import { type LookupFunction, Socket, type SocketConnectOpts } from 'node:net';
import { Client, DatabaseError } from 'pg';
import { AttemptFailure } from './attempt-failure.js';
import { connectionFailure } from './connection-failure.js';
import { databaseFailure } from './database-failure.js';
import { describeServer, type PostgresConfig, withoutBrackets } from './postgres-config.js';
import type { Statement } from './statement.js';

/** When a connection is asked for a sign of life that carries nothing, in milliseconds: firewalls forget silent ones. */
const keepAliveMs = 30_000;

/**
 * The part of the server that says when it stops waiting for its standby: nobody knows whether that has the rows. The code
 * of the notice is that of every warning, and its text is in the server's language.
 */
const standbyWait = 'SyncRepWaitForLSN';

/**
 * The row was there already, and whoever committed it need not have waited until it was durable, on a standby too. A commit
 * that wrote something after it does: this is read by nobody.
 */
const waitForEarlier = "SELECT pg_catalog.pg_logical_emit_message(true, 'aftercommit', '')";

/** A connection to the database. One attempt has it at a time. */
export class DatabaseConnection {
  readonly #config: PostgresConfig;
  readonly #where: string;
  readonly #socket: GuardedSocket;
  readonly #client: Client;
  #end: AttemptFailure | undefined;
  #standbyMissed = false;

  /** @param lookup Resolves the server's name, and says which addresses may be reached. */
  constructor(config: PostgresConfig, lookup: LookupFunction) {
    this.#config = config;
    this.#where = describeServer(config);
    this.#socket = new GuardedSocket(lookup);
    this.#client = new ConfiguredClient(clientOptions(config, this.#socket, this.#where));
    // Without a listener an error between attempts would end the process.
    this.#client.on('error', (error) => this.#failed(error));
    this.#client.on('end', () => this.end(new AttemptFailure('retry', `connection closed by ${this.#where}`)));
    this.#client.on('notice', ({ routine }) => {
      this.#standbyMissed ||= routine === standbyWait;
    });
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** @throws AttemptFailure */
  async connect(): Promise<void> {
    await this.#settled(() => this.#client.connect());
  }

  /**
   * Does one thing in a transaction, which is durable when this resolves.
   *
   * @param limitMs How long the server may take for each part of it, in milliseconds.
   * @throws AttemptFailure It is not done, or nobody knows. A connection on which that happens is not used again.
   */
  async transact({ text, values }: Statement, limitMs: number): Promise<void> {
    this.#standbyMissed = false;
    await this.#settled(() => this.#client.query(beginning(limitMs)));
    const { rowCount } = await this.#settled(() => this.#client.query(text, values));
    if (rowCount === 0) await this.#settled(() => this.#client.query(waitForEarlier));
    await this.#settled(() => this.#client.query('COMMIT'));
    if (this.#standbyMissed) {
      throw new AttemptFailure('retry', `${this.#where} committed, and did not wait until its standby had it`);
    }
  }

  /** Ends it, and what waits for it, with that failure: the first one counts. Asks the server nothing more. */
  end(failure: AttemptFailure): void {
    this.#end ??= failure;
    this.#socket.destroy(this.#end);
  }

  async #settled<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#end !== undefined) throw this.#end;
    try {
      return await work();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): AttemptFailure {
    if (!(error instanceof Error)) throw error;
    const failure = this.#end ?? this.#meaningOf(error);
    this.end(failure);
    return failure;
  }

  #meaningOf(error: Error): AttemptFailure {
    if (error instanceof AttemptFailure) return error;
    if (error instanceof DatabaseError) return databaseFailure(error, this.#config, this.#where);
    return connectionFailure(error, this.#where);
  }
}

/** A socket that reaches nothing but what `lookup` allows. */
class GuardedSocket extends Socket {
  readonly #lookup: LookupFunction;

  constructor(lookup: LookupFunction) {
    super();
    this.#lookup = lookup;
  }

  /** As the library calls it: with port and host. */
  override connect(port: SocketConnectOpts | number | string, host?: unknown): this {
    if (typeof port !== 'number' || typeof host !== 'string') throw new TypeError('connect() takes port and host here');
    return super.connect({ port, host, lookup: this.#lookup });
  }
}

/** A configuration means the same everywhere: what the library reads from `PG…` variables is not sent. */
class ConfiguredClient extends Client {
  /** What a connection begins with: the library's own adds `PGOPTIONS` and `PGREPLICATION`. */
  getStartupConf(): Record<string, string> {
    const { user = '', database = '' } = this;
    return { user, database, application_name: 'aftercommit' };
  }
}

/** Each option that has a variable is given, so that the variable is not looked at. */
function clientOptions(config: PostgresConfig, socket: Socket, where: string): ConstructorParameters<typeof Client>[0] {
  const { host, port = 5432, database, user, password, tls } = config;
  const { mode, ca, certificate, key } = tls ?? {};
  return {
    ...{
      host: withoutBrackets(host),
      port,
      database,
      user,
      application_name: 'aftercommit',
      sslnegotiation: 'postgres',
    },
    ...{ keepAlive: true, keepAliveInitialDelayMillis: keepAliveMs, stream: () => socket },
    password: () => {
      if (password !== undefined) return password;
      throw new AttemptFailure('rejected', `${where} asks for a password, and none is configured`);
    },
    ssl: mode !== 'disable' && {
      // Also where the environment turns verification off.
      rejectUnauthorized: true,
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { cert: certificate }),
      ...(key !== undefined && { key }),
    },
  };
}

/**
 * Begins a transaction whose limits are its own, so that they reach nobody else behind a pooler. A server that is left alone
 * gives up too, and holds no lock for a process that stands still. A lock that is waited for is told apart, so it is waited
 * for less.
 */
function beginning(limitMs: number): string {
  const limit = Math.floor(Math.min(Math.max(limitMs, 2), 2 ** 31 - 1));
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED',
    `SET LOCAL statement_timeout = ${limit}`,
    `SET LOCAL lock_timeout = ${Math.ceil(limit * 0.9)}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${limit}`,
    // A default that lets a crash take committed rows back is not for rows that nobody sends again.
    `SELECT pg_catalog.set_config('synchronous_commit', 'on', true) WHERE pg_catalog.current_setting('synchronous_commit') = 'off'`,
  ].join('; ');
}
