/** What a name of a collection or materialization matches: `catalogNameProblem` says why another does not. */
export const catalogNamePattern = '^(?!/)(?!.*//)(?!.*/$)[\\p{Letter}\\p{Number}\\-_./]+$';

/** Why a text is no name of a collection or materialization, as the end of a sentence; undefined when it is one. */
export function catalogNameProblem(name: string): string | undefined {
  if (name === '') return 'must not be empty';
  if (name.startsWith('/') || name.endsWith('/')) return 'must neither begin nor end with "/"';
  if (name.includes('//')) return 'must not have "//" in it';
  if (!/^[\p{Letter}\p{Number}\-_./]+$/u.test(name)) return 'must consist of letters, digits, "-", "_", "." and "/"';
  return undefined;
}
