import type { MaterializationOptions, TransactionLimits } from './materialization-options.js';
import { SessionError } from './session-error.js';

/**
 * Looks at what a program gave that is not type-checked, or could not be.
 *
 * @returns The limits of transactions, defaults filled in.
 * @throws SessionError `SESSION_ARGUMENT_INVALID`.
 */
export function checkedArguments({
  bindings,
  sources,
  transactions = {},
}: MaterializationOptions): Required<TransactionLimits> {
  for (const { collection } of bindings) {
    if (!sources.has(collection)) throw invalid(`There is no source for collection "${collection}".`);
  }
  const resources = bindings.map(({ resourcePath }) => JSON.stringify(resourcePath));
  const twice = resources.find((resource, index) => resources.indexOf(resource) < index);
  if (twice !== undefined) throw invalid(`Two bindings have the resource ${twice}: each needs one of its own.`);

  const { maxDocs = 10_000, maxDurationMs = 1_000, minDurationMs = 0 } = transactions;
  if (!Number.isSafeInteger(maxDocs) || maxDocs < 1) {
    throw invalid(`maxDocs must be a whole number from 1 on, not ${maxDocs}.`);
  }
  for (const [name, durationMs] of Object.entries({ maxDurationMs, minDurationMs })) {
    if (!(durationMs >= 0)) throw invalid(`${name} must be 0 or more milliseconds, not ${durationMs}.`);
  }
  return { maxDocs, maxDurationMs, minDurationMs: Math.min(minDurationMs, maxDurationMs) };
}

function invalid(message: string): SessionError {
  return new SessionError('SESSION_ARGUMENT_INVALID', message);
}
