import assert from 'node:assert/strict';
import type { AttemptOutcome } from '@aftercommit/registry';

const dayMs = 86_400_000;

/** An instant of today is more than fifty years, taken for a wait. */
const longestWaitMs = 20 * 365 * dayMs;

/** Checks that what an attempt answered is an outcome, as the core reads it. */
export function checkedOutcome(outcome: AttemptOutcome): void {
  assert.ok(
    ['delivered', 'retry', 'rejected'].includes(outcome?.outcome),
    'attempt() answered with something that is no outcome',
  );
  if (outcome.outcome === 'delivered') {
    const { answer } = outcome;
    assert.ok(answer === undefined || typeof answer === 'string', 'answer is a text for people, or not there');
    return;
  }
  assert.equal(typeof outcome.reason, 'string', `${outcome.outcome} needs a reason`);
  assert.notEqual(outcome.reason.trim(), '', `${outcome.outcome} needs a reason that says something`);
  assert.ok(!/\n\s+at /.test(outcome.reason), 'a reason is for people: no stack traces in it');
  if (outcome.outcome === 'retry' && outcome.retryAfterMs !== undefined) {
    const { retryAfterMs } = outcome;
    assert.ok(
      Number.isFinite(retryAfterMs) && retryAfterMs >= 0,
      `retryAfterMs is a number of milliseconds, 0 or more, not ${retryAfterMs}`,
    );
    assert.ok(
      retryAfterMs < longestWaitMs,
      `retryAfterMs is how long to wait, in milliseconds, and no instant: ${retryAfterMs} is ${Math.round(retryAfterMs / dayMs)} days`,
    );
  }
}
