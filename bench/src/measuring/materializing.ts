import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { type ProgramRun, runProgram } from './run-program.js';

const commandLine = new URL('../../../packages/cli/bin/aftercommit.js', import.meta.url);
const handWrittenLoop = new URL('../programs/hand-written-loop.mjs', import.meta.url);

/** Looks at the database that was made, before it is removed. */
type LookAt = (path: string) => void;

/** `aftercommit run` over a file of documents, into a new SQLite database, without triggers. */
export async function materializeWithUs(folder: string, documents: string, look?: LookAt): Promise<ProgramRun> {
  return await withinNewFolder(folder, async (own) => {
    const spec = {
      collections: { 'acmeCo/orders': { key: ['/id'], source: { ndjson: documents } } },
      materializations: {
        'acmeCo/orders-in-sqlite': {
          endpoint: { sqlite: { path: 'orders.db' } },
          bindings: [{ source: 'acmeCo/orders', resource: { table: 'orders' } }],
        },
      },
    };
    writeFileSync(join(own, 'spec.json'), JSON.stringify(spec));
    const run = await runProgram(own, commandLine, 'run', 'spec.json');
    look?.(join(own, 'orders.db'));
    return run;
  });
}

/** The hand-written loop over the same file. */
export async function materializeByHand(folder: string, documents: string, look?: LookAt): Promise<ProgramRun> {
  return await withinNewFolder(folder, async (own) => {
    const run = await runProgram(own, handWrittenLoop, documents, 'orders.db');
    look?.(join(own, 'orders.db'));
    return run;
  });
}

/** Throws unless both make the same table of the documents, to the types of its values: else they are not compared at all. */
export async function assertSameTables(folder: string, documents: string): Promise<void> {
  await withinNewFolder(folder, async (own) => {
    const tables: unknown[] = [];
    for (const materialize of [materializeWithUs, materializeByHand]) {
      await materialize(own, documents, (path) => tables.push(rowsOf(path)));
    }
    if (!isDeepStrictEqual(tables[0], tables[1])) throw new Error('The two did not make the same table');
  });
}

function rowsOf(path: string): unknown {
  const database = new Database(path, { readonly: true });
  try {
    return database.prepare('SELECT * FROM orders ORDER BY id').safeIntegers().all();
  } finally {
    database.close();
  }
}

async function withinNewFolder<Result>(folder: string, work: (own: string) => Promise<Result>): Promise<Result> {
  const own = mkdtempSync(join(folder, 'materialize-'));
  try {
    return await work(own);
  } finally {
    rmSync(own, { recursive: true });
  }
}
