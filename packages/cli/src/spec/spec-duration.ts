import { formatDuration, isDurationError, parseDuration } from '@aftercommit/models';
import type { IssueCollector, SpecPath } from './issue-collector.js';

/** Milliseconds; undefined when the field is absent, or no duration, which is an issue then. */
export function readDuration(value: unknown, path: SpecPath, issues: IssueCollector): number | undefined {
  if (value === undefined || value === null) return undefined;
  const name = path.at(-1);
  if (typeof value !== 'string') {
    const example =
      typeof value === 'number' && value >= 0
        ? `a number without a unit: write ${value}s or ${value}ms`
        : 'no duration: write 1s';
    issues.error('CONFIG_DURATION_INVALID', path, `${name} is ${example}.`);
    return undefined;
  }
  try {
    const milliseconds = parseDuration(value);
    if (milliseconds > 0 && milliseconds < 1) {
      issues.error('CONFIG_DURATION_INVALID', path, `${name} must be at least 1ms.`);
      return undefined;
    }
    if (/\dM|\sM/.test(value)) {
      const message = `${name} is ${formatDuration(milliseconds)}: M means months. For minutes write a small m.`;
      issues.warning('CONFIG_VALUE_CORRECTED', path, message);
    }
    return milliseconds;
  } catch (error) {
    if (!isDurationError(error)) throw error;
    issues.error('CONFIG_DURATION_INVALID', path, `${name}: ${error.message}`);
    return undefined;
  }
}

/** The same, for what must be longer than nothing. */
export function readPositiveDuration(value: unknown, path: SpecPath, issues: IssueCollector): number | undefined {
  const milliseconds = readDuration(value, path, issues);
  if (milliseconds !== 0) return milliseconds;
  issues.error(
    'CONFIG_DURATION_INVALID',
    path,
    `${path.at(-1)} must be longer than nothing. Write a duration such as 1s.`,
  );
  return undefined;
}
