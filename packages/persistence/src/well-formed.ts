const loneSurrogate = /\p{Surrogate}/u;

/**
 * Throws a `TypeError` when a text is not well-formed Unicode. Databases keep keys and names as UTF-8, which has no
 * form for half a surrogate pair: two different keys would silently become one.
 */
export function assertWellFormed(what: 'key' | 'prefix' | 'task' | 'owner', text: string): void {
  if (!loneSurrogate.test(text)) return;
  throw new TypeError(
    `The ${what} ${JSON.stringify(text)} holds half of a surrogate pair (a lone surrogate) and cannot be stored: ` +
      `use well-formed Unicode`,
  );
}
