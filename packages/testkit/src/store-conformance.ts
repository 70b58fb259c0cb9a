import assert from 'node:assert/strict';
import type { ConformanceCase } from './conformance-case.js';
import { batchCases } from './store-batch-cases.js';
import { type StoreAbility, StoreBench, type StoreCase } from './store-bench.js';
import { closingCases } from './store-closing-cases.js';
import { faultCases } from './store-fault-cases.js';
import { keyCases } from './store-key-cases.js';
import { mailboxCases } from './store-mailbox-cases.js';
import { messageCases } from './store-message-cases.js';
import { sessionCases } from './store-session-cases.js';
import { sideBySideCases } from './store-side-by-side-cases.js';
import type { StoreSubject } from './store-subject.js';
import { valueCases } from './store-value-cases.js';

/** A store that claims something shows it: a subject cannot skip what its store supports. */
const claimCase: StoreCase = {
  title: 'lets the subject show what the store says it supports',
  async run(bench) {
    const { durability, shared } = (await bench.create()).supports;
    if (shared) assert.ok(bench.can('second'), 'the store is shared: the subject needs second()');
    if (durability !== 'none') assert.ok(bench.can('reopen'), 'the store is durable: the subject needs reopen()');
  },
};

const missing: Record<StoreAbility, string> = {
  reopen: 'the subject cannot open the same data again',
  second: 'the subject has no second handle on the same data',
  forget: 'the subject cannot lose a task behind the store',
  fail: 'the subject cannot lose requests and replies',
};

/**
 * The facts that every store owes, whatever keeps its data. Three lines run them:
 *
 *     for (const { title, run, skip } of storeConformance(subject)) {
 *       test.skipIf(skip !== undefined)(title, run);
 *     }
 */
export function storeConformance(subject: StoreSubject): ConformanceCase[] {
  return [
    claimCase,
    ...sessionCases,
    ...closingCases,
    ...batchCases,
    ...sideBySideCases,
    ...keyCases,
    ...valueCases,
    ...mailboxCases,
    ...messageCases,
    ...faultCases,
  ].map(({ title, needs, run }) => ({
    title,
    run: () => runOnBench(subject, run),
    ...(needs !== undefined && subject[needs] === undefined ? { skip: missing[needs] } : {}),
  }));
}

async function runOnBench(subject: StoreSubject, run: StoreCase['run']): Promise<void> {
  const bench = new StoreBench(subject);
  try {
    await run(bench);
  } finally {
    await bench.close();
  }
}
