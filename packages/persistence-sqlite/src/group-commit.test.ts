import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '@aftercommit/persistence';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupCommit } from './group-commit.js';

let folder: string;
let database: Database.Database;
let group: GroupCommit;
/** What the statements that begin and end transactions do, in order; and what they throw instead. */
let ended: string[];
let failing: Partial<Record<'begin' | 'commit' | 'rollback', Error>>;
/** The writes that resolved or failed, in that order. */
let settled: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-group-'));
  database = new Database(join(folder, 'group.db'));
  database.exec('CREATE TABLE written (name TEXT PRIMARY KEY)');
  ended = [];
  failing = {};
  settled = [];
  group = new GroupCommit(database, {
    begin: watched('begin', 'BEGIN IMMEDIATE'),
    commit: watched('commit', 'COMMIT'),
    rollback: watched('rollback', 'ROLLBACK'),
  });
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

function watched(name: 'begin' | 'commit' | 'rollback', sql: string): Database.Statement<[], never> {
  const statement = database.prepare<[], never>(sql);
  const run = statement.run.bind(statement);
  statement.run = () => {
    ended.push(name);
    const error = failing[name];
    delete failing[name];
    if (error !== undefined) throw error;
    return run();
  };
  return statement;
}

function written(): unknown[] {
  return database.prepare('SELECT name FROM written ORDER BY rowid').pluck().all();
}

/** Adds a write that inserts its name; what is given is called before or after that. */
function write(name: string, { characters = 1, before = () => {}, after = () => {} } = {}): Promise<string> {
  const apply = (): string => {
    before();
    database.prepare('INSERT INTO written VALUES (?)').run(name);
    after();
    return name;
  };
  const promise = group.add({ doing: { what: 'write', file: 'group.db', task: name }, characters, apply });
  void promise.then(
    () => settled.push(name),
    () => settled.push(`not ${name}`),
  );
  return promise;
}

function raise(error: Error): () => never {
  return () => {
    throw error;
  };
}

const refusal = new StoreError('STORE_FENCED', 'it was opened again');

test('writes of one turn of the event loop share one transaction, and are told in order', async () => {
  const names = Array.from({ length: 16 }, (_, index) => `write ${index}`);
  expect(await Promise.all(names.map((name) => write(name)))).toEqual(names);
  expect(ended).toEqual(['begin', 'commit']);
  expect(written()).toEqual(names);
  expect(settled).toEqual(names);
});

test('nobody is told before the commit', async () => {
  const first = write('first');
  void write('second', { after: () => ended.push(`told ${settled.length}`) });
  await first;
  expect(ended).toEqual(['begin', 'told 0', 'commit']);
});

test('what follows upon a commit is the next group', async () => {
  await Promise.all([write('a').then(() => write('a again')), write('b').then(() => write('b again'))]);
  expect(ended).toEqual(['begin', 'commit', 'begin', 'commit']);
  expect(written()).toEqual(['a', 'b', 'a again', 'b again']);
});

test('one that is refused touches none of the others', async () => {
  const refused = write('refused', { before: raise(refusal) });
  await Promise.allSettled([write('one'), refused, write('two')]);
  await expect(refused).rejects.toBe(refusal);
  expect(written()).toEqual(['one', 'two']);
  expect(ended).toEqual(['begin', 'commit']);
  // It was added first, and is told in its place.
  expect(settled).toEqual(['not refused', 'one', 'two']);
});

test('begins again without one in which SQLite fails, which leaves nothing', async () => {
  const full = new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  const broken = write('broken', { after: raise(full) });
  const others = [write('one')];
  const odd = write('odd', { after: raise(new TypeError('odd')) });
  others.push(write('two'));
  await expect(broken).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: full });
  await expect(odd).rejects.toThrow(TypeError);
  expect(await Promise.all(others)).toEqual(['one', 'two']);
  expect(written()).toEqual(['one', 'two']);
  expect(ended).toEqual(['begin', 'rollback', 'begin', 'rollback', 'begin', 'commit']);
  expect(settled).toEqual(['not broken', 'one', 'not odd', 'two']);
});

test('a locked file fails all that wait, also behind the group, and is waited for once', async () => {
  failing.begin = new Database.SqliteError('database is locked', 'SQLITE_BUSY');
  const names = Array.from({ length: 600 }, (_, index) => `write ${index}`);
  const outcomes = await Promise.allSettled(names.map((name) => write(name)));
  expect(ended).toEqual(['begin']);
  for (const [index, outcome] of outcomes.entries()) {
    expect(outcome).toMatchObject({ reason: { code: 'STORE_LOCKED', applied: 'no' } });
    expect(String(outcome.status === 'rejected' && outcome.reason)).toContain(`task "write ${index}"`);
  }
  expect(settled).toEqual(names.map((name) => `not ${name}`));
  await write('later');
  expect(written()).toEqual(['later']);
});

test('a commit that fails on the medium leaves all that wait in doubt, and applies nothing behind them', async () => {
  failing.commit = new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
  const names = Array.from({ length: 300 }, (_, index) => `write ${index}`);
  const refused = write('refused', { before: raise(refusal) });
  const outcomes = await Promise.allSettled([refused, ...names.map((name) => write(name))]);
  for (const outcome of outcomes) {
    // Also the one that was refused: it may have been for the sake of what is not committed.
    expect(outcome).toMatchObject({ reason: { code: 'STORE_OUTCOME_UNKNOWN', applied: 'unknown' } });
  }
  expect(ended).toEqual(['begin', 'commit', 'rollback']);
  expect(written()).toEqual([]);
  await write('later');
  expect(written()).toEqual(['later']);
});

test('a commit that SQLite refused to begin is known not to be applied', async () => {
  failing.commit = new Database.SqliteError('database is locked', 'SQLITE_BUSY');
  await expect(write('one')).rejects.toMatchObject({ code: 'STORE_LOCKED', applied: 'no' });
  expect(written()).toEqual([]);
});

test('a transaction that can not even be rolled back is told to all that wait', async () => {
  failing.commit = new Database.SqliteError('disk I/O error', 'SQLITE_IOERR');
  failing.rollback = new Database.SqliteError('disk I/O error', 'SQLITE_IOERR');
  const writes = await Promise.allSettled([write('one'), write('two')]);
  for (const outcome of writes) expect(outcome).toMatchObject({ reason: { code: 'STORE_OUTCOME_UNKNOWN' } });
});

test('groups are bounded by their writes and their text, and other work comes in between', async () => {
  const names = Array.from({ length: 600 }, (_, index) => `write ${index}`);
  const all = Promise.all(names.map((name) => write(name)));
  const between: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    between.push(settled.length);
  }
  await all;
  expect(between).toEqual([256, 512, 600]);
  expect(settled).toEqual(names);

  ended = [];
  const large = 3 * 1024 * 1024;
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => write(name, { characters: name === 'c' ? 2 * large : large })));
  expect(ended).toEqual(Array.from({ length: 4 }, () => ['begin', 'commit']).flat());
});

test('what waits is committed before flush returns', async () => {
  const writes = Promise.all(Array.from({ length: 300 }, (_, index) => write(`write ${index}`)));
  group.flush();
  expect(written().length).toBe(300);
  await writes;
  expect(ended.length).toBe(4);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended.length).toBe(4);
  await write('later');
  expect(written().at(-1)).toBe('later');
});

test('who reads waits for the writes of a task that were begun before, and for no others', async () => {
  const reads: string[] = [];
  const read = async (task?: string): Promise<void> => {
    await (task === undefined ? group.allSettled() : group.settled(task));
    reads.push(`${task} ${ended.length}`);
  };
  await read('one');
  const one = write('one').then(() => reads.push('one is written'));
  await Promise.all([one, read('two'), read('one'), read()]);
  expect(reads).toEqual(['one 0', 'two 0', 'one is written', 'one 2', 'undefined 2']);
});
