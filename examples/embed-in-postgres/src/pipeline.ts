/**
 * A pipeline of one's own: it reads documents from a file, keeps a table in PostgreSQL up to date, and fires triggers when a
 * transaction commits. Rows, position and trigger windows commit together, in one transaction of the pipeline.
 *
 * Kill it whenever you like, or the server: started again it goes on after its last commit, and every committed transaction
 * reaches every trigger at least once. Started on another host it takes over, and the first one can commit nothing any more.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { compileTriggers } from '@aftercommit/delivery';
import { PostgresStore, transact, writeWithin } from '@aftercommit/persistence-postgres';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { TriggerSession } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import { Client } from 'pg';

type Weather = { _meta: { uuid: string }; date: string; temp_max: number; precipitation: number; weather: string };

try {
  await run(readOptions());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

type Options = { data: string; url: string; triggers: string; docsPerTransaction: number };

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' }, // a file of documents, one JSON object per line
      triggers: { type: 'string', default: 'triggers.json' },
      docs: { type: 'string', default: '100' }, // documents per transaction
    },
  });
  const { data, triggers } = values;
  const url = process.env['DATABASE_URL']; // not an argument: everybody on a machine can read those
  const docsPerTransaction = Number(values.docs);
  if (data === undefined || url === undefined || !(docsPerTransaction >= 1)) {
    throw new Error(
      'Usage: DATABASE_URL=postgres://… pipeline --data FILE.ndjson [--triggers FILE.json] [--docs PER_TRANSACTION]',
    );
  }
  return { data, url, triggers, docsPerTransaction };
}

async function run(options: Options): Promise<void> {
  // The pipeline's own connection. Without a listener, one that breaks would end the process before anything is closed.
  const database = new Client({ connectionString: options.url, keepAlive: true });
  database.on('error', (error) => console.error(`The connection broke: ${error.message}`));
  await database.connect();
  await database.query(
    'CREATE TABLE IF NOT EXISTS weather (date date PRIMARY KEY, temp_max real, precipitation real, weather text)',
  );
  const upsert = `INSERT INTO weather SELECT * FROM json_populate_recordset(NULL::weather, $1) ON CONFLICT (date) DO UPDATE
    SET (temp_max, precipitation, weather) = (excluded.temp_max, excluded.precipitation, excluded.weather)`;

  // The triggers. Their state lives in the same database, in a schema of its own.
  const collection = 'acmeCo/weather';
  const config = parseConfig(await readFile(options.triggers, 'utf8'), options.triggers);
  const kinds = new TriggerKindRegistry([webhook]);
  const store = await PostgresStore.open(options.url);
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
      await transact(database, async () => {
        await database.query(upsert, [JSON.stringify(documents)]).catch(rowsNotWritten);
        await writeWithin(database, batch);
      });
    }
  } finally {
    await session.close();
    await store.close();
    await database.end();
  }
}

/** What the server says of a query names neither what it was for nor what became of it. */
function rowsNotWritten(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new Error(`Cannot write the rows: ${reason}. Nothing of their transaction was committed: start again`, {
    cause,
  });
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
