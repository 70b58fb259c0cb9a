import type { Json } from '@aftercommit/models';

/** Shorter parts of a path are words, such as `services`; longer ones can be tokens. */
const shortestToken = 16;

/**
 * What a URL in a configuration may not show beyond its host: path and query, which can be tokens, as a whole, and their
 * long parts by themselves. A receiver that says `Cannot POST /services/T0/B0/token` must not put that into a log.
 */
export function urlSecrets(config: Json): string[] {
  if (typeof config === 'string') return config.includes('://') && URL.canParse(config) ? partsOf(new URL(config)) : [];
  return typeof config === 'object' && config !== null ? Object.values(config).flatMap(urlSecrets) : [];
}

function partsOf({ pathname, search, searchParams }: URL): string[] {
  const segments = pathname.split('/').filter((segment) => segment.length >= shortestToken);
  const parts = [`${pathname}${search}`, pathname, ...segments, ...searchParams.values()];
  return [...new Set(parts)].filter((part) => part.length > 1);
}
