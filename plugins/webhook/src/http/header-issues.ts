import { jsonPointer, type KindIssue } from '@aftercommit/registry';
import { isLegalName, isLegalValue } from './legal-headers.js';

const connectionHeaders = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
];
const ownHeaders = [
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'aftercommit-epoch',
  'aftercommit-test',
  'traceparent',
];
const reservedList = [...connectionHeaders, 'proxy-*', ...ownHeaders].join(', ');

/**
 * Every issue of configured headers. A sealed value is absent, whether its name is left with `undefined` or not at all: only
 * names are checked then. Never quotes a value.
 */
export function headerIssues(headers: Record<string, string | undefined>): KindIssue[] {
  const seen = new Map<string, string>();
  return Object.entries(headers).flatMap(([name, value]) => {
    const problem = headerProblem(name, value) ?? duplicateProblem(name, seen);
    seen.set(name.toLowerCase(), name);
    if (problem === undefined) return [];
    return [issue(isLegalName(name) ? ['headers', name] : ['headers'], problem)];
  });
}

function headerProblem(name: string, value: string | undefined): string | undefined {
  if (!isLegalName(name)) return illegalName(name);
  if (isReserved(name)) {
    return `Header ${name} is set by the connection or by us. Remove it. Reserved: ${reservedList}.`;
  }
  if (value !== undefined && !isLegalValue(value)) {
    return `The value of header ${name} has a character that no header can carry: a line break, a control character, or one beyond Latin-1.`;
  }
  return undefined;
}

/** Only its beginning is shown: `Authorization: Bearer s` that became a name as a whole has the secret in it. */
function illegalName(name: string): string {
  const [beginning = ''] = /^[\w-]*/.exec(name) ?? [];
  return `A header that begins with "${beginning}" has no legal name. Use letters, digits and hyphens, and put its value behind a colon.`;
}

function duplicateProblem(name: string, seen: ReadonlyMap<string, string>): string | undefined {
  const other = seen.get(name.toLowerCase());
  return other === undefined
    ? undefined
    : `Headers ${other} and ${name} are the same: letter case does not count. Remove one.`;
}

function isReserved(name: string): boolean {
  const lower = name.toLowerCase();
  return connectionHeaders.includes(lower) || ownHeaders.includes(lower) || lower.startsWith('proxy-');
}

function issue(path: string[], message: string): KindIssue {
  return { severity: 'error', pointer: jsonPointer(path), message };
}
