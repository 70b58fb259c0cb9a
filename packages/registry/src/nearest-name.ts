import { distance } from 'fastest-levenshtein';

/** ` (did you mean "payloadTemplate"?)` when a known name is a few letters away, else nothing. */
export function nearestName(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, letters: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, letters }) => letters <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((left, right) => left.letters - right.letters);
  return nearest === undefined ? '' : ` (did you mean "${nearest.candidate}"?)`;
}
