import { Client, type ClientConfig, type QueryResultRow } from 'pg';
import { hostsOf } from '../hosts.js';
import { isServerError } from '../postgres-error.js';

/** Where the server is, and how long it is waited for. */
export type ConnectionOptions = {
  url: string;
  /** Where the tables are. */
  schema: string;
  /** How long one answer is waited for, in milliseconds. */
  answerWithinMs: number;
  /** The connection is over, for this reason. Told once. */
  onEnd: (reason: Error) => void;
  /** Called for each notification. Default: nobody listens. */
  onNotification?: () => void;
};

/**
 * One connection, for as long as it lives: the first error of the connection itself, or an answer that does not come, ends it
 * for good, and it is destroyed without a farewell. Every statement is a transaction of its own, so that a process that
 * stands still holds no lock on a row.
 */
export class WorkerConnection {
  readonly #client: Client;
  readonly #onEnd: (reason: Error) => void;
  #end: Error | undefined;

  /** To the first of the servers that takes writes. @throws What the last of them says when none does. */
  static async connect(options: ConnectionOptions): Promise<WorkerConnection> {
    let failure: unknown;
    for (const { config } of hostsOf(options.url)) {
      const connection = new WorkerConnection(config, options);
      try {
        await connection.#begin(options);
        return connection;
      } catch (error) {
        connection.destroy();
        failure = error;
      }
    }
    throw failure;
  }

  private constructor(config: ClientConfig, { answerWithinMs, onEnd, onNotification }: ConnectionOptions) {
    this.#onEnd = onEnd;
    this.#client = new Client({
      ...config,
      application_name: 'aftercommit worker',
      keepAlive: true,
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
    });
    // Without a listener an error of the connection would end the process.
    this.#client.on('error', (error) => this.#over(error));
    this.#client.on('end', () => this.#over(new Error('the server closed the connection')));
    if (onNotification !== undefined) this.#client.on('notification', onNotification);
  }

  async query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    try {
      return (await this.#client.query<Row>(text, values === undefined ? undefined : [...values])).rows;
    } catch (error) {
      // Anything but an answer of the server is about the connection.
      if (!isServerError(error)) this.#over(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  async #begin(options: ConnectionOptions): Promise<void> {
    await this.#client.connect();
    await this.query(settings(options));
    const [row] = await this.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
    if (row?.transaction_read_only === 'on') throw new Error('the server takes no writes: it is a standby');
  }

  /** Ends it, and tells nobody. */
  destroy(): void {
    this.#end ??= new Error('destroyed');
    this.#client.connection.stream.destroy();
  }

  #over(reason: Error): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#client.connection.stream.destroy();
    this.#onEnd(reason);
  }
}

/** The server forgets us when we are gone, or stand still, as soon as we forget it. */
function settings({ schema, answerWithinMs }: ConnectionOptions): string {
  const seconds = Math.max(1, Math.round(answerWithinMs / 2_000));
  return [
    `SET search_path = ${schema}`,
    `SET statement_timeout = ${answerWithinMs}`,
    `SET lock_timeout = ${answerWithinMs}`,
    `SET idle_in_transaction_session_timeout = ${answerWithinMs}`,
    `SET tcp_user_timeout = ${answerWithinMs}`,
    `SET tcp_keepalives_idle = ${seconds}`,
    `SET tcp_keepalives_interval = ${seconds}`,
    'SET tcp_keepalives_count = 2',
  ].join('; ');
}
