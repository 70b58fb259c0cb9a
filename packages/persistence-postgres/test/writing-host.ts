/** A host that writes to a task; it prints a line for each step. For tests that kill it or let it stand still. */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { WriteBatch } from '@aftercommit/persistence';
import { Client } from 'pg';
import { PostgresStore, transact, writeWithin } from '../src/index.js';

const [url = '', task = '', mode] = process.argv.slice(2);
const print = (line: string): void => void writeSync(1, `${line}\n`);
const store = await PostgresStore.open(url);
const session = await store.open(task, 'host');

if (mode === 'write') {
  for (let count = 1; ; count += 1) {
    await session.write(new WriteBatch().put('left', count).put('right', count));
    print(String(count));
  }
}

const client = new Client({ connectionString: url });
client.on('error', () => undefined);
await client.connect();
await client.query(`SET idle_in_transaction_session_timeout = '300ms'`);
const goOn = once(process, 'SIGUSR1');
// A signal alone keeps no process alive.
const alive = setInterval(() => undefined, 1_000);
const outcome = await transact(client, async () => {
  await client.query('INSERT INTO orders VALUES (1)');
  await writeWithin(client, new WriteBatch(session.fence).put('key', 'of the transaction'));
  print('in the transaction');
  await goOn;
}).catch((error: { code?: string; name: string }) => error.code ?? error.name);
clearInterval(alive);
print(`commit: ${outcome ?? 'done'}`);
const written = await session
  .write(new WriteBatch().put('key', 'late'))
  .catch((error: { code?: string }) => error.code);
print(`write: ${written ?? 'done'}`);
await store.close();
await client.end();
