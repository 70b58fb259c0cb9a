import { distance } from 'fastest-levenshtein';

/** ` (did you mean "payloadTemplate"?)` when a known name is a few letters away, else nothing. */
export function nearestName(name: string, known: readonly string[]): string {
  const nearest = nearestKnown(name, known);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/** The known name that is a few letters away; of several the nearest, and of equally near ones the first. Undefined: there is none. */
export function nearestKnown(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((candidate) => ({ candidate, letters: lettersApart(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, letters }) => letters <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((left, right) => left.letters - right.letters);
  return nearest?.candidate;
}

/** Letters that changed places count as one slip of the finger: `ulr` is as near to `url` as `ur`. */
function lettersApart(left: string, right: string): number {
  const isShuffled = left.length === right.length && sorted(left) === sorted(right);
  return isShuffled ? Math.min(1, distance(left, right)) : distance(left, right);
}

function sorted(letters: string): string {
  return Array.from(letters).sort().join('');
}
