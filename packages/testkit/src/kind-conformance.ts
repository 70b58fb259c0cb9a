import assert from 'node:assert/strict';
import { Redactor } from '@aftercommit/registry/redaction';
import type { ConformanceCase } from './conformance-case.js';
import { attemptCases } from './kind-attempt-cases.js';
import { KindBench, type KindCase } from './kind-bench.js';
import { configCases } from './kind-config-cases.js';
import { declarationCases } from './kind-declaration-cases.js';
import { egressCases } from './kind-egress-cases.js';
import { endingCases } from './kind-ending-cases.js';
import { outcomeCases } from './kind-outcome-cases.js';
import { payloadCases } from './kind-payload-cases.js';
import { secretCases } from './kind-secret-cases.js';
import { sideBySideCases } from './kind-side-by-side-cases.js';
import type { KindSubject } from './kind-subject.js';
import { Surroundings } from './kind-surroundings.js';
import { turn } from './settling.js';
import { UnheardFailures } from './unheard-failures.js';

const cases: readonly KindCase[] = [
  ...declarationCases,
  ...configCases,
  ...attemptCases,
  ...outcomeCases,
  ...sideBySideCases,
  ...secretCases,
  ...egressCases,
  ...endingCases,
  // Last: receivers tell of everything that has arrived, and here that becomes much.
  ...payloadCases,
];

/**
 * The facts that every trigger kind owes, whatever it contacts. Three lines run them, one after the other:
 *
 *     for (const { title, run, skip } of kindConformance(subject)) {
 *       test.skipIf(skip !== undefined)(title, run);
 *     }
 */
export function kindConformance(subject: KindSubject): ConformanceCase[] {
  return cases.map((kindCase) => {
    const skip = skipReason(subject, kindCase);
    return {
      title: kindCase.title,
      run: () => runOnBench(subject, kindCase),
      ...(skip !== undefined && { skip }),
    };
  });
}

function skipReason(subject: KindSubject, { needs }: KindCase): string | undefined {
  const { receiver, reachesHosts, largestPayloadBytes } = subject;
  if (needs === undefined) return undefined;
  if (needs === 'limit') return largestPayloadBytes === undefined ? 'the receiver has no limit' : undefined;
  if (needs === 'hosts') return reachesHosts === false ? 'the kind reaches no host' : undefined;
  return receiver[needs] === undefined ? `the receiver cannot ${needs}` : undefined;
}

async function runOnBench(subject: KindSubject, { run }: KindCase): Promise<void> {
  const surroundings = new Surroundings();
  const unheard = new UnheardFailures();
  const bench = new KindBench(subject);
  try {
    await subject.receiver.accept();
    try {
      await run(bench);
    } finally {
      await bench.closeAll();
      await subject.receiver.accept();
    }
    // What nobody handles is told after the turn in which it failed.
    for (let turns = 0; turns < 3; turns += 1) await turn();
    for (const failure of unheard.failures) bench.voices.heardError('an error that nobody handled', failure);
    // I8, whatever the case was about.
    bench.assertNoSecretSaid('take it out of what is said');
    assert.equal(unheard.failures.length, 0, 'something failed in the background, and the kind did not handle it');
    surroundings.assertKept();
  } catch (error) {
    throw withoutSecrets(error, bench.secrets);
  } finally {
    bench.voices.stop();
    bench.scope.end();
    unheard.stop();
  }
}

/** A failure that test runners may print: it shows no secret, and what a kind threw is called so. */
function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const clean = new Redactor(secrets).scrub(message);
  if (error instanceof assert.AssertionError) {
    return clean === message ? error : new assert.AssertionError({ message: clean });
  }
  return new assert.AssertionError({ message: `The case could not go on: ${clean}` });
}
