import { formatDuration, isDurationError, parseDuration } from '@aftercommit/models';
import type { IssueList } from './issue-list.js';

/** A field that holds a duration, and where it stands. */
export type DurationField = {
  name: 'timeout' | 'interval';
  /** The field: a JSON pointer. */
  place: string;
  value: unknown;
  /** The name of its trigger; undefined: none. */
  trigger: string | undefined;
};

/** Milliseconds, more than 0; undefined when the field is absent or no duration, which is an issue then. */
export function readTimeout(field: DurationField, issues: IssueList): number | undefined {
  const milliseconds = readDuration(field, issues);
  if (milliseconds !== 0) return milliseconds;
  const message = 'timeout must be longer than nothing. Write a duration such as "30s", or leave it out.';
  issues.error('CONFIG_DURATION_INVALID', field.place, message, field.trigger);
  return undefined;
}

/** Milliseconds, 0 for none, with a warning; undefined when the field is absent or no duration, which is an issue then. */
export function readInterval(field: DurationField, issues: IssueList): number | undefined {
  const milliseconds = readDuration(field, issues);
  if (milliseconds === 0) {
    const message = 'interval is 0, which means none: every commit is delivered by itself.';
    issues.warning('CONFIG_VALUE_CORRECTED', field.place, message, field.trigger);
  }
  return milliseconds;
}

function readDuration({ name, place, value, trigger }: DurationField, issues: IssueList): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    const isBare = typeof value === 'number' && value >= 0;
    const problem = isBare ? `a number without a unit: write ${value}s or ${value}ms` : 'no duration: write 30s';
    issues.error('CONFIG_DURATION_INVALID', place, `${name} is ${problem}.`, trigger);
    return undefined;
  }
  try {
    const milliseconds = parseDuration(value);
    if (milliseconds > 0 && milliseconds < 1) {
      issues.error('CONFIG_DURATION_INVALID', place, `${name} must be at least 1ms.`, trigger);
      return undefined;
    }
    if (/\dM|\sM/.test(value)) {
      const message = `${name} is ${formatDuration(milliseconds)}: M means months. For minutes write a small m.`;
      issues.warning('CONFIG_VALUE_CORRECTED', place, message, trigger);
    }
    return milliseconds;
  } catch (error) {
    if (!isDurationError(error)) throw error;
    issues.error('CONFIG_DURATION_INVALID', place, `${name}: ${error.message}`, trigger);
    return undefined;
  }
}
