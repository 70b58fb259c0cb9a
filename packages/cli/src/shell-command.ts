/** A command as a shell wants it. */
export function shellCommand(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

/** A spec, and the state that goes with it, as they were given. */
export type GivenSpec = { specPath: string; state?: string };

/**
 * A command of ours on a spec, with the state that is used.
 *
 * @param name Of the command: `parked list`.
 * @param options What else is given.
 */
export function commandOn(name: string, { specPath, state }: GivenSpec, ...options: string[]): string {
  const where = state === undefined ? [] : ['--state', state];
  return shellCommand(['aftercommit', ...name.split(' '), specPath, ...where, ...options]);
}

function quoted(word: string): string {
  return /^[\w./@%+:,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
