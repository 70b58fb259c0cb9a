import { version } from '../version.js';

/**
 * The headers of a request, names and values in turn: `user-agent`, those of the kind, and what is configured, which takes the
 * place of either in any letter case.
 */
export function requestHeaders(
  own: Readonly<Record<string, string>>,
  configured: Readonly<Record<string, string>> = {},
): string[] {
  const headers = new Map([['user-agent', `aftercommit/${version}`]]);
  for (const [name, value] of [...Object.entries(own), ...Object.entries(configured)]) {
    headers.set(name.toLowerCase(), value);
  }
  return [...headers].flat();
}
