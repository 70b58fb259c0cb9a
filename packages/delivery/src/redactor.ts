const replacement = '[redacted]';

/** Shorter secrets are only replaced where they stand alone: every "1" of a text cannot go because a header says 1. */
const shortestInsideText = 4;

/** A reason is evidence, not an archive. In characters. */
const longestReason = 6_000;

/**
 * Takes secret values out of texts (I8). Every reason, log message and error passes through one on its way out of the
 * core, so that a trigger kind cannot forget it and a receiver that echoes a request cannot leak it.
 */
export class Redactor {
  readonly #inside: RegExp | undefined;
  readonly #alone: RegExp | undefined;
  readonly #spellings: string[];

  /** @param secrets Values as configured. Their parts between spaces, and their JSON and URL spellings, are found too. */
  constructor(secrets: Iterable<string>) {
    const spellings = new Set([...secrets].flatMap(spellingsOf));
    this.#spellings = [...spellings].sort((left, right) => right.length - left.length);
    this.#inside = anyOf(this.#spellings.filter((text) => text.length >= shortestInsideText));
    const short = this.#spellings.filter((text) => text.length < shortestInsideText);
    this.#alone = anyOf(short, (texts) => `(?<![\\p{L}\\p{N}])(?:${texts})(?![\\p{L}\\p{N}])`);
  }

  /** The text without secrets, shortened to a bounded length. */
  scrub(text: string): string {
    let clean = text;
    if (this.#inside !== undefined) clean = clean.replace(this.#inside, replacement);
    if (this.#alone !== undefined) clean = clean.replace(this.#alone, replacement);
    clean = this.#withoutCutSecret(clean);
    return clean.length <= longestReason ? clean : `${clean.slice(0, longestReason)}…`;
  }

  /** Evidence that was cut to its limit may end in the beginning of a secret. */
  #withoutCutSecret(text: string): string {
    const end = text.replace(/["'…\s]+$/u, '');
    for (const secret of this.#spellings) {
      const longest = Math.min(secret.length - 1, end.length);
      for (let length = longest; length >= shortestInsideText; length -= 1) {
        if (end.endsWith(secret.slice(0, length))) {
          return `${end.slice(0, end.length - length)}${replacement}${text.slice(end.length)}`;
        }
      }
    }
    return text;
  }
}

/** `Bearer abc` is secret as a whole and in its parts; receivers echo texts as JSON and in URLs. */
function spellingsOf(secret: string): string[] {
  const parts = secret.trim().split(/\s+/);
  // The first of several parts is a scheme (Bearer, Basic, token): no secret, and useful in an error.
  const texts = [secret, secret.trim(), ...(parts.length > 1 ? parts.slice(1) : [])];
  return texts
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text.replaceAll(/\p{Cs}/gu, ''))])
    .filter((text) => text !== '');
}

function anyOf(texts: string[], pattern: (texts: string) => string = (inner) => inner): RegExp | undefined {
  if (texts.length === 0) return undefined;
  return new RegExp(pattern(texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')), 'gu');
}
