/** The pattern of standard input. */
export const standardInput = '-';

/**
 * What is wrong with the patterns of one source, as the end of a sentence: `source.ndjson ${problem}`. Looks at no file.
 *
 * @returns Undefined: nothing.
 */
export function patternsProblem(patterns: readonly string[]): string | undefined {
  if (patterns.length === 0) return 'names no file: write a file, a glob, or - for standard input';
  if (patterns.includes('')) return 'has an empty name: write a file, a glob, or - for standard input';
  if (patterns.some((pattern) => pattern.includes('\0'))) return 'has a name with a NUL character, which no file has';
  if (patterns.includes(standardInput) && patterns.length > 1) {
    return 'has standard input (-) beside something else: standard input cannot be resumed and files can, so read only one of them';
  }
  const exclusion = patterns.find((pattern) => /^!(?!\()/.test(pattern));
  if (exclusion !== undefined) {
    return `excludes files by "${exclusion}", which is not supported: name what is to be read`;
  }
  return undefined;
}
