import { Socket } from 'node:net';
import type { HostClient } from '@aftercommit/persistence-postgres';
import { ConnectorError, isConnectorError } from '@aftercommit/runtime-adapter';
import type { Client, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { clientConfig } from './client-config.js';
import { commitErrorOf, connectorErrorOf, type Doing, isServerError, unknownOutcome } from './postgres-error.js';
import { type EndpointPlace, type PostgresTask, placeOf } from './postgres-task.js';

type Notice = Record<'message' | 'routine', string | undefined>;

/** A statement that may take longer than others. The driver knows the field, its types do not. */
export type SlowQuery = QueryConfig & { query_timeout: number };

/** What a transaction is worked with. */
export type Queries = {
  /** Throws a `ConnectorError`. */
  query<Row extends QueryResultRow>(query: string | SlowQuery, values?: unknown[]): Promise<QueryResult<Row>>;
  /** For a store that takes part in the transaction: what the server says of its statements is the store's to explain. */
  readonly host: HostClient;
};

/**
 * A process that stands still with a transaction open holds up its successor: the server ends it after this long, and whoever
 * waits for a lock waits longer. Said in each transaction, since a pooler may give each one another connection. What was
 * committed survives a power cut also where a role is set up to forget it; whom else to wait for is the operator's.
 */
const begin = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL idle_in_transaction_session_timeout = 20000;
SET LOCAL lock_timeout = 30000;
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`;

/** One connection, in whole transactions and reads, one after the other. Every error of it is a `ConnectorError`. */
export class EndpointConnection {
  readonly place: EndpointPlace;
  readonly #client: Client;
  readonly #socket: Socket;
  /** Why the connection is of no use any more. Undefined: it is. */
  #lost: Error | undefined;
  #isClosed = false;
  /** The work that was begun last: the next one waits for its end. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Throws `ENDPOINT_UNAVAILABLE`. */
  static async open(task: PostgresTask, signal: AbortSignal): Promise<EndpointConnection> {
    const place = placeOf(task);
    // Here: a program that has this connector, and no spec for it, does not load the driver.
    const { Client } = await import('pg');
    const socket = new Socket();
    const client = new Client(clientConfig(task.config, socket));
    forgetEnvironment(client);
    const connection = new EndpointConnection(place, client, socket);
    const end = (): void => connection.close();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) throw closedError(place);
    try {
      await client.connect();
      return connection;
    } catch (error) {
      connection.close();
      throw connectorErrorOf(error, { ...place, what: 'connect to' });
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  private constructor(place: EndpointPlace, client: Client, socket: Socket) {
    this.place = place;
    this.#client = client;
    this.#socket = socket;
    // Without a listener an error between two statements would end the process.
    client.on('error', (error) => {
      this.#lost ??= error;
    });
  }

  /** @param what What it is for, as in "cannot commit to the database". */
  async transaction<Result>(what: string, work: (queries: Queries) => Promise<Result>): Promise<Result> {
    return await this.#inTurn(what, async (queries) => {
      await queries.query(begin);
      const result = await work(queries);
      await this.#commit({ ...this.place, what });
      return result;
    });
  }

  /** @param what What it is for, as in "cannot look up documents in the database". */
  async read<Row extends QueryResultRow>(what: string, text: string, values: unknown[]): Promise<Row[]> {
    return await this.#inTurn(what, async (queries) => (await queries.query<Row>(text, values)).rows);
  }

  /** Ends at once, also what is under way. The server rolls back what is not committed. */
  close(): void {
    this.#isClosed = true;
    // Its promise waits for the other side, which may be gone. That it was closed is no error.
    this.#client.end().catch(() => undefined);
    this.#socket.destroy();
  }

  /** Begins when what was begun before has ended. After an error the session is over: what was begun is given up. */
  async #inTurn<Result>(what: string, work: (queries: Queries) => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(async () => {
      if (this.#isClosed) throw closedError(this.place);
      try {
        return await work(this.#queries({ ...this.place, what }));
      } catch (error) {
        const wasClosed = this.#isClosed;
        this.close();
        throw wasClosed ? closedError(this.place) : error;
      }
    });
    this.#turn = result.catch(() => undefined);
    return await result;
  }

  #queries(doing: Doing): Queries {
    const client = this.#client;
    const failure = (error: unknown): unknown => connectorErrorOf(this.#reason(error), doing);
    return {
      query: async <Row extends QueryResultRow>(query: string | SlowQuery, values?: unknown[]) => {
        try {
          return await client.query<Row>(query, values);
        } catch (error) {
          throw failure(error);
        }
      },
      host: {
        query: async (query) => {
          try {
            return await client.query(query);
          } catch (error) {
            throw isServerError(error) ? error : failure(error);
          }
        },
        getTransactionStatus: () => client.getTransactionStatus(),
        on: (event, listener) => client.on(event, listener),
        removeListener: (event, listener) => client.removeListener(event, listener),
      },
    };
  }

  async #commit(doing: Doing): Promise<void> {
    let unconfirmed: Notice | undefined;
    const listen = (notice: Notice): void => {
      if (isUnconfirmed(notice)) unconfirmed = notice;
    };
    this.#client.on('notice', listen);
    try {
      const { command } = await this.#client.query('COMMIT');
      if (command !== 'COMMIT') throw rolledBack(doing);
    } catch (error) {
      throw isConnectorError(error) ? error : commitErrorOf(this.#reason(error), doing);
    } finally {
      this.#client.off('notice', listen);
    }
    if (unconfirmed !== undefined) throw unknownOutcome(unconfirmed, doing);
  }

  /** What the server said last, where all that a statement learns is that the connection is gone. */
  #reason(error: unknown): unknown {
    const isAboutConnection = error instanceof Error && /^(Connection terminated|Client has enc)/.test(error.message);
    return isAboutConnection ? (this.#lost ?? error) : error;
  }
}

export function closedError({ materialization, database }: EndpointPlace): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_UNAVAILABLE',
    `${materialization}: the connector to ${database} is closed, or was never opened. Open a new one.`,
  );
}

/**
 * Somebody cancelled the wait for a standby: the server has committed, and a failover may still lose it. The code of the notice is
 * that of every warning, also of those that a trigger raises which was added to a table.
 */
function isUnconfirmed({ routine }: Notice): boolean {
  return routine === 'SyncRepWaitForLSN';
}

function rolledBack({ materialization, database }: Doing): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_UNAVAILABLE',
    `${materialization}: ${database} rolled the transaction back instead of committing it. Nothing was changed: start again.`,
  );
}

/** `PGOPTIONS` is the one that no configuration can be given for. */
function forgetEnvironment(client: Client): void {
  const { connectionParameters } = client as unknown as { connectionParameters: { options?: string } };
  delete connectionParameters.options;
}
