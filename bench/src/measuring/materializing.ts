import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgramRun, runProgram } from './run-program.js';

const commandLine = new URL('../../../packages/cli/bin/aftercommit.js', import.meta.url);
const handWrittenLoop = new URL('../programs/hand-written-loop.mjs', import.meta.url);

/** `aftercommit run` over a file of documents, into a new SQLite database, without triggers. */
export async function materializeWithUs(folder: string, documents: string): Promise<ProgramRun> {
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
    return await runProgram(own, commandLine, 'run', 'spec.json');
  });
}

/** The hand-written loop over the same file. */
export async function materializeByHand(folder: string, documents: string): Promise<ProgramRun> {
  return await withinNewFolder(folder, (own) => runProgram(own, handWrittenLoop, documents, 'orders.db'));
}

async function withinNewFolder<Result>(folder: string, work: (own: string) => Promise<Result>): Promise<Result> {
  const own = mkdtempSync(join(folder, 'materialize-'));
  try {
    return await work(own);
  } finally {
    rmSync(own, { recursive: true });
  }
}
