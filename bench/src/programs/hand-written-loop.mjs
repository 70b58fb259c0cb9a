// What somebody would write instead of `aftercommit run`: reads the documents of an NDJSON file, keeps a table of them up to
// date, ten thousand in a transaction, with the position of the file. The table is the one that aftercommit makes.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';

const [file, path] = process.argv.slice(2);
const database = new Database(path);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`CREATE TABLE orders (id, flow_document, customer, total, paid, items, note, _meta, PRIMARY KEY (id));
  CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, lines INTEGER NOT NULL)`);
const upsert = database.prepare(`INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
  flow_document = excluded.flow_document, customer = excluded.customer, total = excluded.total, paid = excluded.paid,
  items = excluded.items, note = excluded.note, _meta = excluded._meta`);
const putCheckpoint = database.prepare('INSERT OR REPLACE INTO checkpoint VALUES (1, ?)');

const commit = database.transaction((/** @type {any[]} */ documents, /** @type {number} */ position) => {
  for (const document of documents) {
    const { id, customer, total, paid, items, note, _meta } = document;
    const texts = [JSON.stringify(document), JSON.stringify(items), JSON.stringify(_meta)];
    const amount = Number.isInteger(total) ? BigInt(total) : total;
    upsert.run(BigInt(id), texts[0], customer, amount, paid ? 1n : 0n, texts[1], note, texts[2]);
  }
  putCheckpoint.run(position);
});

let lines = 0;
let documents = [];
for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
  documents.push(JSON.parse(line));
  lines += 1;
  if (documents.length < 10_000) continue;
  commit.immediate(documents, lines);
  documents = [];
}
commit.immediate(documents, lines);
database.close();
