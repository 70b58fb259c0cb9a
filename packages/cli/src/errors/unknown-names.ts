import { misspeltName } from '@aftercommit/models';
import { oneLine } from '../terminal/readable-text.js';
import { UsageError } from './usage-error.js';

/** What names are of, in a message: one of them, and where they are all found. */
export type NamedThings = {
  /** `trigger`, `materialization`, `outbox`, `kind`. */
  what: string;
  /** Where it was looked for, such as `in weather.yaml`. Undefined: it goes without saying. */
  where?: string;
};

/**
 * That what a person asked for is not there: a sentence for each name, with the one that was meant, or what there is.
 *
 * `There is no trigger slak in weather.yaml: did you mean slack?`
 *
 * @returns Undefined: all of them are there.
 */
export function unknownNames(
  asked: readonly string[],
  known: readonly string[],
  things: NamedThings,
): string | undefined {
  const names = [...new Set(known)];
  const unknown = [...new Set(asked)].filter((name) => !names.includes(name));
  return unknown.length === 0 ? undefined : unknown.map((name) => sentence(name, names, things)).join('\n');
}

/**
 * Refuses names that are not there, before anything is started.
 *
 * @throws UsageError with the message of `unknownNames`.
 */
export function requireKnownNames(asked: readonly string[], known: readonly string[], things: NamedThings): void {
  const message = unknownNames(asked, known, things);
  if (message !== undefined) throw new UsageError(message, { code: 'NAME_UNKNOWN' });
}

/**
 * The refusal of one name that is not there.
 *
 * @param more A sentence that follows: what else can be done.
 */
export function unknownName(name: string, known: readonly string[], things: NamedThings, more?: string): UsageError {
  const message = sentence(name, [...new Set(known)], things);
  return new UsageError(more === undefined ? message : `${message} ${more}`, { code: 'NAME_UNKNOWN' });
}

function sentence(name: string, known: readonly string[], { what, where }: NamedThings): string {
  const place = where === undefined ? '' : ` ${where}`;
  const near = misspeltName(name, known);
  return `There is no ${what} ${shown(name)}${place}: ${near === undefined ? thereIs(known) : `did you mean ${shown(near)}?`}`;
}

/** More than these nobody reads in a message. */
const mostListed = 10;

function thereIs(known: readonly string[]): string {
  const [only] = known;
  if (only === undefined) return 'there is none.';
  if (known.length === 1) return `there is only ${shown(only)}.`;
  const listed = known.length > mostListed ? known.slice(0, mostListed) : known.slice(0, -1);
  const rest = known.length > mostListed ? `${known.length - mostListed} more` : shown(known.at(-1) ?? '');
  return `there are ${listed.map(shown).join(', ')} and ${rest}.`;
}

/** As it was typed; in quotes where it would not be seen, or taken for words of the sentence. */
function shown(name: string): string {
  return /^[^\s\p{Cc}"']+$/u.test(name) ? name : `"${oneLine(name)}"`;
}
