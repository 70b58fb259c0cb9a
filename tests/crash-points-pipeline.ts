/**
 * A pipeline of three transactions and two triggers that dies where it is told to: `DATABASE RECEIVER [POINT OCCURRENCE]`.
 * Without a point it runs to its end and prints how often each point was reached.
 */
import { compileTriggers } from '@aftercommit/delivery';
import { SqliteStore, writeWithin } from '@aftercommit/persistence-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { TriggerSession } from '@aftercommit/runtime-adapter';
import { CrashPoints } from '@aftercommit/testkit';
import { webhook } from '@aftercommit/webhook';
import Database from 'better-sqlite3';

const [file = '', receiver = '', point, occurrence] = process.argv.slice(2);
const transactions = 3;

const database = new Database(file);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY)');

const crash = new CrashPoints(point === undefined ? {} : { at: { point, occurrence: Number(occurrence) } });
const store = crash.store(SqliteStore.open(file));
const payloadTemplate = '{"run": "{{run_id}}", "docs": {{docs_total}}}';
const config = { a: { url: `${receiver}/a`, payloadTemplate }, b: { url: `${receiver}/b`, payloadTemplate } };
const session = await TriggerSession.open({
  store,
  materialization: 'crash-points',
  bindings: [{ collection: 'numbers', resourcePath: ['rows'] }],
  triggers: compileTriggers({ config }, new TriggerKindRegistry([crash.triggerKind(webhook)])),
});

for (let position = Number(session.position ?? 0); ; position += 1) {
  await session.acknowledged();
  const transaction = session.begin();
  // As many documents as its number: the sum over all runs is known.
  for (let document = 0; document <= position; document += 1) transaction.add(0, { bytes: 1 });
  await session.settled();
  if (position === transactions) break;
  const batch = session.newBatch();
  session.stage(transaction, position + 1, batch);
  await crash.reach('before-commit');
  database
    .transaction(() => {
      database.prepare('INSERT INTO rows VALUES (?)').run(position);
      writeWithin(database, batch);
    })
    .immediate();
  await crash.reach('after-commit');
}
await session.close();
await store.close();
console.log(JSON.stringify(Object.fromEntries(crash.reached)));
