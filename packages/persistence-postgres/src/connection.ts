import { Client, type ClientConfig, type QueryArrayConfig } from 'pg';
import { isStandbyMissed } from './host-client.js';
import { isRefusedByServer, NoReplyError, readOnlyServer } from './postgres-error.js';
import type { Statement } from './statements.js';

/** What a statement returned: values as PostgreSQL prints them. */
export type Row = ReadonlyArray<string | null>;

/** `pg` has these; its types do not know them. A connection that nobody uses keeps no process alive. */
type Referenced = { ref(): void; unref(): void };

/** How a connection waits, in milliseconds. */
export type Patience = { readonly connectTimeoutMs: number; readonly replyTimeoutMs: number };

/** A connection that is closed and has no answer is cut off after so long. */
const goodbyeMs = 1_000;

/** As they are printed: parsers that a host has set for the whole of `pg` have no say here. */
const asPrinted = { getTypeParser: () => (text: string) => text };

/**
 * One connection, for one call at a time. It never asks the server to cancel anything: a wait for a standby that is
 * cancelled is reported as a success. Instead it is destroyed, and what it was asked last has no known outcome.
 */
export class Connection {
  readonly #client: Client & Referenced;
  readonly #replyTimeoutMs: number;
  /** Why it is of no use any more. */
  #ended: string | undefined;
  /** What the server said when it stopped waiting for a standby in the call that is under way. */
  #standbyMissed: string | undefined;

  private constructor(client: Client & Referenced, replyTimeoutMs: number) {
    this.#client = client;
    this.#replyTimeoutMs = replyTimeoutMs;
    // Without listeners, a connection that breaks while nobody uses it would end the process.
    client.on('error', (error) => this.#giveUp(error.message));
    client.on('end', () => this.#giveUp('the connection was closed'));
    client.on('notice', (notice) => {
      if (isStandbyMissed(notice)) this.#standbyMissed = notice.message ?? 'its standby was not waited for';
    });
  }

  /** Fails with what `pg` or the socket says; nothing was changed then. */
  static async connect(config: ClientConfig, { connectTimeoutMs, replyTimeoutMs }: Patience): Promise<Connection> {
    const client = new Client({
      fallback_application_name: 'aftercommit',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      ...config,
      connectionTimeoutMillis: connectTimeoutMs,
    }) as Client & Referenced;
    const connection = new Connection(client, replyTimeoutMs);
    try {
      await client.connect();
      return connection;
    } catch (error) {
      connection.#giveUp('it could not be connected');
      throw error;
    }
  }

  /** Whether it can be asked something. */
  get isUsable(): boolean {
    return this.#ended === undefined;
  }

  /**
   * Sends one statement and reads its reply. Fails with the server's error when that says for sure that nothing was applied,
   * and with a `NoReplyError` otherwise.
   */
  async call(statement: Statement | string, values: unknown[] = []): Promise<Row[]> {
    const query: QueryArrayConfig = {
      ...(typeof statement === 'string' ? { text: statement } : statement),
      values,
      rowMode: 'array',
      types: asPrinted,
    };
    this.#client.ref();
    this.#standbyMissed = undefined;
    const late = `there was no reply within ${this.#replyTimeoutMs} ms`;
    const timer = setTimeout(() => this.#giveUp(late), this.#replyTimeoutMs);
    try {
      const { rows } = await this.#client.query<(string | null)[]>(query);
      // The commit took place here, and it is not known whether it did at the standby that was waited for.
      if (this.#standbyMissed !== undefined) throw new NoReplyError(this.#standbyMissed);
      return rows;
    } catch (error) {
      // Somebody else is the primary now: the next connection is made to that one.
      if (isRefusedByServer(error) && error.code === readOnlyServer) this.#giveUp(error.message);
      if (isRefusedByServer(error) || error instanceof NoReplyError) throw error;
      this.#giveUp(error instanceof Error ? error.message : String(error));
      throw new NoReplyError(this.#ended ?? 'the connection broke', { cause: error });
    } finally {
      clearTimeout(timer);
      this.#client.unref();
    }
  }

  /** Says goodbye. Nothing may be under way. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#giveUp('it was closed'), goodbyeMs);
    await this.#client.end();
    clearTimeout(timer);
  }

  /** The first reason stays. */
  #giveUp(reason: string): void {
    this.#ended ??= reason;
    this.#client.connection.stream.destroy();
  }
}
