import { ConnectorError } from '@aftercommit/runtime-adapter';
import type Database from 'better-sqlite3';
import { openDatabase } from './open-database.js';
import { commitErrorOf, connectorErrorOf, type Doing } from './sqlite-error.js';

/** The file, in whole transactions and reads: none stays open across an await. Every error of SQLite is a `ConnectorError`. */
export class EndpointDatabase {
  readonly file: string;
  readonly materialization: string;
  readonly #database: Database.Database;

  /** Throws `ENDPOINT_UNAVAILABLE`, `ENDPOINT_LOCKED` and `ENDPOINT_CORRUPT`. */
  constructor(file: string, materialization: string) {
    this.file = file;
    this.materialization = materialization;
    this.#database = openDatabase(this.#doing('open'));
  }

  /** @param what What it is for, as in "cannot commit to orders.db". */
  transaction<Result>(what: string, work: (database: Database.Database) => Result): Result {
    const doing = this.#doing(what);
    const result = this.read(what, (database) => {
      database.prepare('BEGIN IMMEDIATE').run();
      try {
        return work(database);
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
    try {
      this.#database.prepare('COMMIT').run();
    } catch (error) {
      this.#rollBack();
      throw commitErrorOf(error, doing);
    }
    return result;
  }

  /** @param what What it is for, as in "cannot look up documents in orders.db". */
  read<Result>(what: string, work: (database: Database.Database) => Result): Result {
    if (!this.#database.open) throw closedError(this.materialization, this.file);
    try {
      return work(this.#database);
    } catch (error) {
      throw connectorErrorOf(error, this.#doing(what));
    }
  }

  close(): void {
    this.#database.close();
  }

  /** SQLite itself has rolled back after some errors, such as a full disk. */
  #rollBack(): void {
    if (this.#database.inTransaction) this.#database.prepare('ROLLBACK').run();
  }

  #doing(what: string): Doing {
    return { what, materialization: this.materialization, file: this.file };
  }
}

export function closedError(materialization: string, file: string): ConnectorError {
  return new ConnectorError(
    'ENDPOINT_UNAVAILABLE',
    `${materialization}: the connector to ${file} is closed, or was never opened. Open a new one.`,
  );
}
