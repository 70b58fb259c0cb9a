import { type ConfigIssue, isJsonObject, pointerPath } from '@aftercommit/models';

/** The issue, with advice where YAML took for something else what was meant as a text. */
export function withQuotingHint(issue: ConfigIssue, value: unknown): ConfigIssue {
  const found = pointerPath(issue.pointer).reduce(fieldOf, value);
  if (!issue.message.endsWith('must be a string.')) return issue;
  return { ...issue, message: `${issue.message}${adviceOn(found)}` };
}

function adviceOn(found: unknown): string {
  // YAML reads `null`, `~` and nothing at all alike.
  if (found === null) return ' Write one, in quotes if it is the word null.';
  if (typeof found === 'number' || typeof found === 'boolean') return ' Put it in quotes.';
  if (isJsonObject(found))
    return ' What begins with "{", or has fields, is a mapping in YAML: put a text in single quotes.';
  return Array.isArray(found) ? ' What begins with "[" or "- " is a list in YAML: put a text in single quotes.' : '';
}

function fieldOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)];
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
