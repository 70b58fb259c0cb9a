import type Database from 'better-sqlite3';
import { type BatchStatements, prepareBatchStatements } from './apply-batch.js';

type Statement<Values extends unknown[], Row> = Database.Statement<Values, Row>;

/** Every statement of a store, prepared once. Integers are bigints: an epoch is never rounded. */
export type Statements = BatchStatements & {
  readonly begin: Statement<[], never>;
  readonly commit: Statement<[], never>;
  readonly rollback: Statement<[], never>;
  readonly tasks: Statement<[], string>;
  readonly epoch: Statement<[task: string], bigint>;
  readonly own: Statement<[task: string, owner: string, epoch: bigint], never>;
  readonly countMessage: Statement<[task: string], bigint>;
  readonly addMessage: Statement<[task: string, key: string, text: string], never>;
  /** Another number when another connection has changed the file. */
  readonly dataVersion: Statement<[], number>;
  /** Of tasks, a JSON array of names: a text that is another one when a task was opened or was left a message. */
  readonly standings: Statement<[tasks: string], [task: string, standing: string]>;
  readonly read: Statement<[task: string], [key: string, text: string]>;
  /** No row: fenced. Null: no value. */
  readonly get: Statement<[key: string, task: string, owner: string, epoch: bigint], string | null>;
  /** No row: fenced. One row of nulls: no keys. */
  readonly list: Statement<
    [from: string, end: string | Buffer, task: string, owner: string, epoch: bigint],
    [key: string, text: string] | [null, null]
  >;
};

export function prepareStatements(database: Database.Database): Statements {
  return {
    ...prepareBatchStatements((sql) => database.prepare(sql)),
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
    tasks: database.prepare<[], string>('SELECT task FROM main.aftercommit_task WHERE epoch > 0 ORDER BY task').pluck(),
    epoch: database
      .prepare<[string], bigint>('SELECT epoch FROM main.aftercommit_task WHERE task = ?')
      .safeIntegers()
      .pluck(),
    own: database.prepare(`INSERT INTO main.aftercommit_task (task, owner, epoch) VALUES (?, ?, ?)
      ON CONFLICT (task) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch`),
    countMessage: database
      .prepare<[string], bigint>(`INSERT INTO main.aftercommit_task (task, messages) VALUES (?, 1)
        ON CONFLICT (task) DO UPDATE SET messages = messages + 1 RETURNING messages`)
      .safeIntegers()
      .pluck(),
    addMessage: database.prepare('INSERT INTO main.aftercommit_entry (task, key, value) VALUES (?, ?, ?)'),
    dataVersion: database.prepare<[], number>('PRAGMA data_version').pluck(),
    standings: database
      .prepare<[string], [string, string]>(`SELECT task, messages || '/' || epoch || '/' || owner
        FROM main.aftercommit_task WHERE task IN (SELECT value FROM json_each(?))`)
      .raw(),
    read: database
      .prepare<[string], [string, string]>('SELECT key, value FROM main.aftercommit_entry WHERE task = ? ORDER BY key')
      .raw(),
    get: database
      .prepare<[string, string, string, bigint], string | null>(`SELECT entry.value FROM main.aftercommit_task AS held
        LEFT JOIN main.aftercommit_entry AS entry ON entry.task = held.task AND entry.key = ?
        WHERE held.task = ? AND held.owner = ? AND held.epoch = ?`)
      .pluck(),
    list: database
      .prepare<[string, string | Buffer, string, string, bigint], [string, string] | [null, null]>(
        `SELECT entry.key, entry.value FROM main.aftercommit_task AS held
        LEFT JOIN main.aftercommit_entry AS entry ON entry.task = held.task AND entry.key >= ? AND entry.key < ?
        WHERE held.task = ? AND held.owner = ? AND held.epoch = ? ORDER BY entry.key`,
      )
      .raw(),
  };
}
