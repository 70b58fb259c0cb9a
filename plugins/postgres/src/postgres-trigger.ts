import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { AttemptFailure } from './attempt-failure.js';
import { DatabaseConnection } from './database-connection.js';
import { describeServer, type PostgresConfig } from './postgres-config.js';
import { statementFor } from './statement.js';

/** Which part of the time that is left the server may take: what it gave up for is said before the attempt is over. */
const serversPart = 0.9;

/** One configured PostgreSQL trigger while its task runs. One connection is kept between attempts. */
export class PostgresTrigger implements Trigger {
  readonly #config: PostgresConfig;
  readonly #environment: TriggerEnvironment;
  readonly #open = new Set<DatabaseConnection>();
  #kept: DatabaseConnection | undefined;
  #isClosed = false;

  constructor(config: PostgresConfig, environment: TriggerEnvironment) {
    this.#config = config;
    this.#environment = environment;
  }

  async attempt(attempt: Attempt): Promise<AttemptOutcome> {
    const { signal } = attempt;
    if (signal.aborted) return this.#unanswered(attempt);
    let connection: DatabaseConnection | undefined;
    const abort = (): void => connection?.end(new AttemptFailure('retry', 'the attempt was ended'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      const statement = statementFor(this.#config, attempt);
      connection = this.#takeKept();
      if (connection === undefined) {
        connection = this.#newConnection();
        await connection.connect();
      }
      await connection.transact(statement, this.#remainingMs(attempt) * serversPart);
      this.#keep(connection);
      return { outcome: 'delivered' };
    } catch (error) {
      if (connection !== undefined) this.#drop(connection);
      if (!(error instanceof AttemptFailure)) throw error;
      return signal.aborted ? this.#unanswered(attempt) : error.outcome;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const connection of this.#open) this.#drop(connection);
  }

  /** @throws AttemptFailure The host may not be reached. */
  #newConnection(): DatabaseConnection {
    const { egress } = this.#environment;
    const refusal = egress.refusal(this.#config.host);
    if (refusal !== undefined) throw new AttemptFailure('rejected', refusal);
    const connection = new DatabaseConnection(this.#config, egress.lookup);
    this.#open.add(connection);
    return connection;
  }

  #takeKept(): DatabaseConnection | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined || kept.isOpen) return kept;
    this.#drop(kept);
    return undefined;
  }

  #keep(connection: DatabaseConnection): void {
    if (this.#isClosed || this.#kept !== undefined) this.#drop(connection);
    else this.#kept = connection;
  }

  #drop(connection: DatabaseConnection): void {
    this.#open.delete(connection);
    connection.end(new AttemptFailure('retry', 'the trigger was closed'));
  }

  /** Whether the transaction was committed, nobody knows. */
  #unanswered(attempt: Attempt): AttemptOutcome {
    const target = describeServer(this.#config);
    const reason =
      this.#remainingMs(attempt) > 0
        ? `the attempt was ended before ${target} answered`
        : `no answer from ${target} within the timeout`;
    return { outcome: 'retry', reason };
  }

  #remainingMs({ deadlineAt }: Attempt): number {
    return Math.max(0, deadlineAt - this.#environment.clock.now());
  }
}
