import { type ConfigIssue, isJsonObject, pointerPath } from '@aftercommit/models';

/** The issue, with advice where YAML took for a number, a boolean or null what was meant as a text. */
export function withQuotingHint(issue: ConfigIssue, value: unknown): ConfigIssue {
  const found = pointerPath(issue.pointer).reduce(fieldOf, value);
  const isTaken = typeof found === 'number' || typeof found === 'boolean' || found === null;
  if (!isTaken || !issue.message.endsWith('must be a string.')) return issue;
  return { ...issue, message: `${issue.message} Put it in quotes.` };
}

function fieldOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)];
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
