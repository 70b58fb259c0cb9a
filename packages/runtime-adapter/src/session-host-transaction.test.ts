import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore, writeWithin } from '@aftercommit/persistence-sqlite';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, SessionBench } from '../test/session-bench.js';
import type { TriggerSession } from './trigger-session.js';

/** A host whose rows lie in the store's own file: both are committed by one transaction of the host. */
describe('a session whose host commits the batch with its own rows', () => {
  let folder: string;
  let database: Database.Database;
  let bench: SessionBench;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'host-'));
    const file = join(folder, 'all.db');
    bench = new SessionBench(SqliteStore.open(file));
    database = new Database(file);
    database.pragma('synchronous = FULL');
    database.exec('CREATE TABLE orders (id INTEGER)');
  });

  afterEach(async () => {
    database.close();
    await bench.store.close();
    rmSync(folder, { recursive: true });
  });

  function rows(): number {
    return Number(database.prepare('SELECT count(*) FROM orders').pluck().get());
  }

  /** One transaction with one row and one document. */
  async function transact(session: TriggerSession, given: { fails?: boolean } = {}): Promise<void> {
    await session.acknowledged();
    const transaction = session.begin();
    transaction.add(0, { bytes: 1 });
    await session.settled();
    const batch = session.newBatch();
    session.stage(transaction, rows() + 1, batch);
    database
      .transaction(() => {
        database.exec('INSERT INTO orders VALUES (1)');
        writeWithin(database, batch);
        if (given.fails) throw new Error('rolled back');
      })
      .immediate();
  }

  it('fires for what it committed, and for nothing that it rolled back', async () => {
    const session = await bench.open();
    await transact(session);
    expect(await errorOf(transact(session, { fails: true }))).toEqual(new Error('rolled back'));
    await transact(session);
    await bench.acknowledge(session);
    expect([rows(), bench.attempted, session.position]).toEqual([2, [1, 1], 2]);
    await session.close();
  });

  it('fires for the one of several staged transactions that it committed', async () => {
    const session = await bench.open();
    await session.acknowledged();
    await session.settled();
    const staged = [1, 2, 3].map((docs) => {
      const transaction = session.begin();
      for (let count = 0; count < docs; count += 1) transaction.add(0, { bytes: 1 });
      const batch = session.newBatch();
      session.stage(transaction, docs, batch);
      return batch;
    });
    // The others are given up: nothing is known of them but that they were staged.
    database.transaction(() => staged[1] && writeWithin(database, staged[1])).immediate();
    await bench.acknowledge(session);
    expect([bench.attempted, session.position]).toEqual([[2], 2]);
    await session.close();
  });

  it('commits neither rows nor windows once it was fenced', async () => {
    const older = await bench.open();
    await transact(older);
    const newer = await bench.open();
    expect(await errorOf(transact(older))).toMatchObject({ code: 'STORE_FENCED' });
    expect(rows()).toBe(1);
    await transact(newer);
    await bench.acknowledge(newer);
    expect([rows(), bench.attempted]).toEqual([2, [1, 1]]);
    await older.close();
    await newer.close();
  });

  it('rolls its rows back when it was fenced between stage and commit', async () => {
    const older = await bench.open();
    await older.acknowledged();
    await older.settled();
    const batch = older.newBatch();
    older.stage(older.begin(), 1, batch);
    const newer = await bench.open();
    const commit = database.transaction(() => {
      database.exec('INSERT INTO orders VALUES (1)');
      writeWithin(database, batch);
    });
    expect(() => commit.immediate()).toThrow(expect.objectContaining({ code: 'STORE_FENCED' }));
    expect(rows()).toBe(0);
    expect(await errorOf(older.acknowledged())).toMatchObject({ code: 'STORE_FENCED' });
    await errorOf(older.close());
    await newer.close();
  });
});
