import { originOf } from './failure-reason.js';

/** Where a receiver is, as a configuration says it: by one of the two. A secret one that is sealed is absent. */
export type ConfiguredUrl = { url?: string; secretUrl?: string };

/** Scheme, host and port: all of a URL that may be shown, since a path or a query can be a token. */
export function describeReceiver({ url, secretUrl }: ConfiguredUrl): string {
  const parsed = parse(url ?? secretUrl);
  if (parsed !== undefined) return originOf(parsed);
  return url === undefined ? 'a secret URL' : 'a URL that does not parse';
}

/**
 * Where a receiver is.
 *
 * @throws Error when it is not said, or does not parse, of which configurations that were validated have neither. Not Node's own
 *   error, which has the text as its `input`.
 */
export function receiverUrl({ url, secretUrl }: ConfiguredUrl): URL {
  const parsed = parse(url ?? secretUrl);
  if (parsed !== undefined) return parsed;
  throw new Error('The URL of the receiver is missing or does not parse. Check the configuration before it is opened.');
}

function parse(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
