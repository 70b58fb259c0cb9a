import { AssertionError } from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { kindConformance } from '../src/kind-conformance.js';
import type { KindSubject } from '../src/kind-subject.js';
import { type Receiver, startReceiver } from '../src/receiver.js';
import { type PlainHttpKind, plainHttp } from './plain-http-kind.js';

/** The secret of every subject: no failure may show it. */
export const token = 'Bearer s3cret-t0ken-4711';

/** One way to get a kind wrong, and the case that is there to catch it; others may fail as well. */
export type KindMutant = {
  caughtBy: string;
  /** What it does differently from a kind that keeps the contract. */
  differs: (sound: PlainHttpKind) => Partial<PlainHttpKind>;
  /** What its subject brings along besides. */
  subject?: Partial<KindSubject>;
  /** What it left behind on purpose, such as a timer, and what ends it. */
  cleanUp?: () => void;
};

/** A receiver for the tests of one file. */
export function sharedReceiver(): {
  subjectOf(kind: KindSubject['kind'], changed?: Partial<KindSubject>): KindSubject;
} {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.stop());
  beforeEach(() => receiver.clear());
  const respond = (response: Parameters<Receiver['respond']>[1][number]) => receiver.respond('/in', [response]);
  return {
    subjectOf: (kind, changed = {}) => ({
      kind,
      config: { url: `${receiver.url}/in`, token },
      receiver: {
        received: async () =>
          (await receiver.requests('/in')).map(({ rawBody, idempotencyKey }) => ({
            payload: rawBody,
            ...(idempotencyKey !== undefined && { idempotencyKey }),
          })),
        accept: () => respond({ status: 200 }),
        refuse: () => respond({ status: 503 }),
        reject: () => respond({ status: 400 }),
        hang: () => respond({ hang: true }),
      },
      patienceMs: 500,
      ...changed,
    }),
  };
}

/** The titles of the cases that fail, of all or of those that a pattern names. */
export async function failuresOf(subject: KindSubject, pattern = /./): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, run, skip } of kindConformance(subject)) {
    if (skip !== undefined || !pattern.test(title)) continue;
    await run().catch((error: unknown) =>
      failed.push(`${title}: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
  return failed;
}

/** One test per mutant, whose title says which case catches it. */
export function testKindMutants(mutants: Record<string, KindMutant>): void {
  const { subjectOf } = sharedReceiver();
  for (const [name, { caughtBy, differs, subject, cleanUp }] of Object.entries(mutants)) {
    test(`a kind that ${name} fails "${caughtBy}"`, async () => {
      const kind = { ...plainHttp, ...differs(plainHttp) };
      const catching = kindConformance(subjectOf(kind, subject)).filter(({ title }) => title === caughtBy);
      expect(catching).toHaveLength(1);
      expect(catching[0]?.skip).toBeUndefined();
      const [result] = await Promise.allSettled([catching[0]?.run()]);
      cleanUp?.();
      expect(result).toMatchObject({ status: 'rejected' });
      const { reason } = result as PromiseRejectedResult;
      expect(String(reason)).not.toMatch(/s3cret|t0ken/);
      // What an author sees first must be what is owed, and not how the case stumbled over it.
      expect(reason, String(reason)).toBeInstanceOf(AssertionError);
    });
  }
}
