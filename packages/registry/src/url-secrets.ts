import { type Json, secretValues } from '@aftercommit/models';
import type { TSchema } from 'typebox';

/** Shorter parts of a path are words, such as `services`; longer ones can be tokens. */
const shortestToken = 16;

/** Of a URL that is secret itself, shorter parts of the path are words or numbers, such as `v1`. */
const shortestSecretPart = 4;

/**
 * What may not appear anywhere of a configuration: every secret value, and of its URLs path and query.
 *
 * @param target What its kind tells of where it delivers to: scheme and host. A secret URL that begins with it is not secret
 *   as a whole, but in what comes behind: else no reason could say where it comes from. Undefined: not known.
 */
export function configSecrets(schema: TSchema, config: Json, target?: string): string[] {
  const values = secretValues(schema, config).flatMap((value) => {
    const url = asUrl(value);
    if (url === undefined) return [value];
    const behind = secretParts(value, url);
    return isAt(url, target) ? behind : [value, ...behind];
  });
  return [...new Set([...values, ...urlSecrets(config)])];
}

/** The secret values but URLs that begin with the target. */
export function secretsBesideTarget(schema: TSchema, config: Json, target: string): string[] {
  return secretValues(schema, config).filter((value) => {
    const url = asUrl(value);
    return url === undefined || !isAt(url, target);
  });
}

/**
 * What a URL in a configuration may not show beyond its host: path and query, which can be tokens, as a whole, and their
 * long parts by themselves. A receiver that says `Cannot POST /services/T0/B0/token` must not put that into a log.
 */
export function urlSecrets(config: Json): string[] {
  if (typeof config === 'string') {
    const url = asUrl(config);
    return url === undefined ? [] : partsOf(url, shortestToken);
  }
  return typeof config === 'object' && config !== null ? Object.values(config).flatMap(urlSecrets) : [];
}

function asUrl(text: string): URL | undefined {
  return text.includes('://') && URL.canParse(text) ? new URL(text) : undefined;
}

function isAt({ protocol, host, username, password }: URL, target: string | undefined): boolean {
  return `${protocol}//${host}` === target && username === '' && password === '';
}

/** All that comes behind the host, as it was written and as it is sent. What the host says too is no secret of the path. */
function secretParts(written: string, url: URL): string[] {
  const asWritten = written.replace(/^[^:]*:\/*[^/?#]*/, '');
  const parts = [asWritten, ...partsOf(url, shortestSecretPart), url.hash.slice(1)];
  return parts.filter((part) => part.length > 1 && !url.host.includes(part));
}

function partsOf({ pathname, search, searchParams }: URL, shortest: number): string[] {
  const segments = pathname.split('/').filter((segment) => segment.length >= shortest);
  const parts = [`${pathname}${search}`, pathname, ...segments, ...searchParams.values()];
  return [...new Set(parts)].filter((part) => part.length > 1);
}
