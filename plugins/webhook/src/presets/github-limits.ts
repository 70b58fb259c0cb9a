import type { AttemptOutcome } from '@aftercommit/registry';
import type { HttpAnswer } from '../http/http-answer.js';
import { verdictOf } from '../http/status-verdict.js';

/**
 * What an answer of GitHub means. It says with 403 both that a token may not and that it asked too often; of the latter its
 * headers speak, and of when to ask again.
 *
 * @param now In milliseconds since the Unix epoch.
 */
export async function judgeGithub(answer: HttpAnswer, now: number): Promise<AttemptOutcome> {
  const isLimited = answer.status === 403 && isOverLimit(answer);
  const outcome = await answer.judge(isLimited ? 'retry' : verdictOf(answer.status));
  if (outcome.outcome !== 'retry' || outcome.retryAfterMs !== undefined) return outcome;
  const resetAt = Number(answer.headers['x-ratelimit-reset']) * 1000;
  const isSpent = answer.headers['x-ratelimit-remaining'] === '0' && Number.isFinite(resetAt);
  return isSpent ? { ...outcome, retryAfterMs: Math.max(0, resetAt - now) } : outcome;
}

function isOverLimit({ headers }: HttpAnswer): boolean {
  return headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0';
}
