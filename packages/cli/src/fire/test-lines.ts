import type { FiredTest } from '@aftercommit/delivery';
import { formatDuration } from '@aftercommit/models';
import { createColors } from 'picocolors';
import { oneLine } from '../terminal/readable-text.js';

/** How a test of a trigger went, or that it was not made because it was stopped before. */
export type TestResult = Omit<FiredTest, 'outcome' | 'idempotencyKey'> & {
  outcome: FiredTest['outcome'] | 'not-sent';
  /** Null: it was not made. */
  idempotencyKey: string | null;
};

/** Which test it is of. */
export type TestSubject = {
  materialization: string;
  trigger: string;
  kind: string;
  /** Without secrets. */
  target: string;
};

/** One that was stopped before it was made. */
export const notSent: TestResult = {
  idempotencyKey: null,
  outcome: 'not-sent',
  answer: null,
  reason: 'it was stopped before',
  durationMs: 0,
};

/** How a test went, for people: one line. */
export function testLine(
  { materialization, trigger, target }: TestSubject,
  { outcome, answer, reason, durationMs, idempotencyKey }: TestResult,
  { isColored }: { isColored: boolean },
): string {
  const colours = createColors(isColored);
  const colour = outcome === 'delivered' ? colours.green : colours.red;
  const took = outcome === 'not-sent' ? '' : ` in ${formatDuration(Math.round(durationMs))}`;
  const later = outcome === 'retry' ? ', and may work later' : '';
  const what = reason ?? answer ?? `accepted by ${target}`;
  const key = idempotencyKey === null ? '' : colours.dim(` (${idempotencyKey})`);
  return `${materialization}: ${trigger}: ${colour(outcomeTexts[outcome])}${took}${later}: ${oneLine(what)}${key}`;
}

const outcomeTexts: Record<TestResult['outcome'], string> = {
  delivered: 'delivered',
  retry: 'failed',
  rejected: 'rejected',
  'not-sent': 'not sent',
};

/** The same, for programs. */
export function testObject(subject: TestSubject, runId: string, result: TestResult): Record<string, unknown> {
  return { event: 'test', ...subject, runId, ...result };
}
