import { distance } from 'fastest-levenshtein';

/** ` (did you mean "docs_total"?)` when a name that is known is a few letters away, else nothing. */
export function nearName(name: string, known: readonly string[]): string {
  let nearest: { candidate: string; letters: number } | undefined;
  for (const candidate of known) {
    const letters = distance(lettersOf(name), lettersOf(candidate));
    if (letters > Math.max(1, Math.floor(candidate.length / 3))) continue;
    if (nearest === undefined || letters < nearest.letters) nearest = { candidate, letters };
  }
  return nearest === undefined ? '' : ` (did you mean "${nearest.candidate}"?)`;
}

/** How words are put together is no difference: `docsTotal` is `docs_total`. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{Letter}\p{Number}]/gu, '');
}
