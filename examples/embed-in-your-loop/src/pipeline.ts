/**
 * A pipeline of one's own: it reads documents from a file, keeps a table of them up to date, and fires triggers when a
 * transaction commits. Rows, position and trigger windows commit together, in one SQLite transaction of the pipeline.
 *
 * Kill it whenever you like: started again it goes on after its last commit, and every committed transaction reaches
 * every trigger at least once.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { compileTriggers } from '@aftercommit/delivery';
import { SqliteStore, writeWithin } from '@aftercommit/persistence-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { TriggerSession } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import Database from 'better-sqlite3';

type Weather = { _meta: { uuid: string }; date: string; temp_max: number; precipitation: number; weather: string };

try {
  await run(readOptions());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

type Options = { data: string; database: string; triggers: string; docsPerTransaction: number };

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' }, // a file of documents, one JSON object per line
      database: { type: 'string', default: 'weather.db' },
      triggers: { type: 'string', default: 'triggers.json' },
      docs: { type: 'string', default: '100' }, // documents per transaction
    },
  });
  const { data, database, triggers } = values;
  const docsPerTransaction = Number(values.docs);
  if (data === undefined || !(docsPerTransaction >= 1)) {
    throw new Error(
      'Usage: pipeline --data FILE.ndjson [--database FILE] [--triggers FILE.json] [--docs PER_TRANSACTION]',
    );
  }
  return { data, database, triggers, docsPerTransaction };
}

async function run(options: Options): Promise<void> {
  // The pipeline's own database. FULL: a commit that was acknowledged also survives a power cut.
  const database = new Database(options.database);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    'CREATE TABLE IF NOT EXISTS weather (date TEXT PRIMARY KEY, temp_max REAL, precipitation REAL, weather)',
  );
  const upsert = database.prepare('INSERT OR REPLACE INTO weather VALUES (@date, @temp_max, @precipitation, @weather)');

  // The triggers. Their state lives in the same file, beside the pipeline's table.
  const collection = 'acmeCo/weather';
  const config = parseConfig(await readFile(options.triggers, 'utf8'), options.triggers);
  const kinds = new TriggerKindRegistry([webhook]);
  const store = SqliteStore.open(options.database);
  const session = await TriggerSession.open({
    store,
    materialization: 'acmeCo/views/weather',
    bindings: [{ collection, resourcePath: ['weather'] }],
    triggers: compileTriggers(config, kinds, { collectionNames: [collection] }),
    observe: (event) => console.log(JSON.stringify(event)),
  });

  try {
    let position = Number(session.position ?? 0); // in lines: where the last commit left us
    const lines = await openLines(options.data, position);
    for (;;) {
      // What was committed is visible: its deliveries begin. After a crash, so do those of the last run.
      await session.acknowledged();

      // Reading the next documents overlaps with delivering the last transaction.
      const transaction = session.begin();
      const documents: Weather[] = [];
      while (documents.length < options.docsPerTransaction) {
        const { value: line } = await lines.next();
        if (line === undefined) break;
        const document: Weather = JSON.parse(line);
        transaction.add(0, { uuid: document._meta.uuid, bytes: Buffer.byteLength(line) });
        documents.push(document);
      }

      // Nothing is left to read: everything due is delivered and cleared, or parked.
      if (documents.length === 0) {
        await session.drained();
        break;
      }

      // Every delivery of the last transaction is done and cleared. If one failed for good, this throws.
      await session.settled();

      // One transaction: rows, position and trigger windows commit together, or not at all.
      position += documents.length;
      const batch = session.newBatch();
      session.stage(transaction, position, batch);
      database
        .transaction(() => {
          for (const document of documents) upsert.run(document);
          writeWithin(database, batch);
        })
        .immediate();
    }
  } finally {
    await session.close();
    await store.close();
    database.close();
  }
}

/** What JSON.parse says of a mistake quotes the text around it, and here that can be a secret. */
function parseConfig(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON`);
  }
}

/** The lines of a file, from the one after `skip`. */
async function openLines(file: string, skip: number): Promise<AsyncIterator<string, undefined>> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  const iterator: AsyncIterator<string, undefined> = lines[Symbol.asyncIterator]();
  for (let skipped = 0; skipped < skip; skipped += 1) await iterator.next();
  return iterator;
}
