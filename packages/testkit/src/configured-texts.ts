import { isJsonObject, type Json } from '@aftercommit/models';

/** Every text in a configuration. */
export function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The configuration with each text replaced; undefined: it is absent there. */
export function withTexts(value: Json, replace: (text: string) => string | undefined): Json {
  if (typeof value === 'string') return replace(value) ?? null;
  if (Array.isArray(value)) return value.map((inner) => withTexts(inner, replace));
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => typeof inner !== 'string' || replace(inner) !== undefined);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withTexts(inner, replace)]));
}

/** Path, query, fragment and credentials of a text that is a URL: each can be a token. */
export function hiddenPartsOfUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { pathname, search, hash, username, password } = new URL(text);
  return [pathname, search, hash, username, password].filter((part) => part.length > 1);
}
