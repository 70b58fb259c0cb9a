import { version } from '../version.js';

/** Headers by their names in lower case, so that each is there once. */
export type RequestHeaders = Readonly<Record<string, string>>;

/**
 * The headers of a request: `user-agent`, those of the kind, and what is configured, which takes the place of either in any
 * letter case.
 */
export function requestHeaders(own: RequestHeaders, configured: Readonly<Record<string, string>> = {}): RequestHeaders {
  const given = [...Object.entries(own), ...Object.entries(configured)];
  const named = given.map(([name, value]) => [name.toLowerCase(), value]);
  return { 'user-agent': `aftercommit/${version}`, ...Object.fromEntries(named) };
}
