import { type KindOptions, kindFlags } from '../kinds/kind-options.js';
import { type StateArguments, withoutPassword } from '../state/state-store.js';

/** A command as a shell wants it. */
export function shellCommand(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

/** A spec, the state that goes with it, and where its kinds come from, as they were given. */
export type GivenSpec = KindOptions & StateArguments & { specPath: string };

/**
 * A command of ours on a spec, with the state and the kinds that are used.
 *
 * @param name Of the command: `parked list`.
 * @param options What else is given.
 */
export function commandOn(name: string, given: GivenSpec, ...options: string[]): string {
  const { specPath, state, store } = given;
  const where = [
    ...(state === undefined ? [] : ['--state', state]),
    ...(store === undefined ? [] : ['--store', withoutPassword(store)]),
  ];
  return shellCommand(['aftercommit', ...name.split(' '), specPath, ...where, ...kindFlags(given), ...options]);
}

function quoted(word: string): string {
  if (/^[\w./@%+:,-]+$/.test(word)) return word;
  // As an escape: a terminal would obey it, and a line would end in the middle of the command.
  if (/\p{Cc}/u.test(word)) return `$'${word.replaceAll(/[\\']/g, '\\$&').replaceAll(/\p{Cc}/gu, escaped)}'`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
