import type { ConformanceCase } from './conformance-case.js';
import { attemptCases } from './kind-attempt-cases.js';
import { KindBench, type KindCase } from './kind-bench.js';
import { declarationCases } from './kind-declaration-cases.js';
import { endingCases } from './kind-ending-cases.js';
import type { KindSubject } from './kind-subject.js';

/**
 * The facts that every trigger kind owes, whatever it contacts. Three lines run them, one after the other:
 *
 *     for (const { title, run, skip } of kindConformance(subject)) {
 *       test.skipIf(skip !== undefined)(title, run);
 *     }
 */
export function kindConformance(subject: KindSubject): ConformanceCase[] {
  return [...declarationCases, ...attemptCases, ...endingCases].map((kindCase) => ({
    title: kindCase.title,
    run: () => runOnBench(subject, kindCase),
    ...(kindCase.needs !== undefined &&
      subject.receiver[kindCase.needs] === undefined && { skip: `the receiver cannot ${kindCase.needs}` }),
  }));
}

async function runOnBench(subject: KindSubject, { run }: KindCase): Promise<void> {
  const bench = new KindBench(subject);
  try {
    await run(bench);
  } finally {
    await bench.closeAll();
    await subject.receiver.accept();
  }
}
