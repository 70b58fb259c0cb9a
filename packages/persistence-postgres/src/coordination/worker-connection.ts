import { Client, type QueryResultRow } from 'pg';

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

  /** @throws The driver's error when it cannot be made. */
  static async connect(options: ConnectionOptions): Promise<WorkerConnection> {
    const connection = new WorkerConnection(options);
    try {
      await connection.#client.connect();
      await connection.query(settings(options));
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  private constructor({ url, answerWithinMs, onEnd, onNotification }: ConnectionOptions) {
    this.#onEnd = onEnd;
    this.#client = new Client({
      connectionString: url,
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
      // What the server refused is said by a code of five characters; anything else is about the connection.
      if (!isServerError(error)) this.#over(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
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

function isServerError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code));
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
