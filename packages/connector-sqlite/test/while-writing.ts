import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');

/** Who writes is another thread: this one can wait only inside of SQLite. */
const writer = `
const { parentPort, workerData } = require('node:worker_threads');
const database = new (require(workerData.sqlite))(workerData.file);
database.exec('BEGIN IMMEDIATE');
parentPort.postMessage('writing');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
database.exec('COMMIT');
database.close();
`;

/** Does the work while another connection is in a write transaction, which ends 50 ms later. */
export async function whileWriting(file: string, work: () => void): Promise<void> {
  const worker = new Worker(writer, { eval: true, workerData: { sqlite, file } });
  const ended = once(worker, 'exit');
  await once(worker, 'message');
  try {
    work();
  } finally {
    await ended;
  }
}
