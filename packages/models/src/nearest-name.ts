import { distance } from 'fastest-levenshtein';

/** ` (did you mean "payloadTemplate"?)` when a known name is near, or says the same in other words, else nothing. */
export function nearestName(name: string, known: readonly string[]): string {
  const meant = nameMeant(name, known);
  return meant === undefined ? '' : ` (did you mean "${meant}"?)`;
}

/** The known name that was most likely meant, be it misspelt or called otherwise. Undefined: none is near. */
export function nameMeant(name: string, known: readonly string[]): string | undefined {
  const other = otherWords.get(name.toLowerCase());
  return (
    misspeltName(name, known) ??
    known.find((candidate) => candidate === other) ??
    known.find((candidate) => haveWordsInCommon(name, candidate))
  );
}

/** The known name that is a few letters away. Undefined: none is. */
export function misspeltName(name: string, known: readonly string[]): string | undefined {
  let nearest: { candidate: string; letters: number } | undefined;
  for (const candidate of known) {
    const most = Math.max(1, Math.floor(candidate.length / 3));
    if (Math.abs(candidate.length - name.length) > most) continue;
    const letters = lettersApart(name.toLowerCase(), candidate.toLowerCase());
    if (letters <= most && (nearest === undefined || letters < nearest.letters)) nearest = { candidate, letters };
  }
  return nearest?.candidate;
}

/** What other programs call fields that triggers and bindings have. */
const otherWords = new Map([
  ['body', 'payloadTemplate'],
  ['collection', 'source'],
  ['endpoint', 'url'],
  ['maxretries', 'maxAttempts'],
  ['retries', 'maxAttempts'],
  ['type', 'kind'],
]);

/** Whether one of both is a part of the other, word by word: `timeoutSecs` of `timeout`, `template` of `payloadTemplate`. */
function haveWordsInCommon(left: string, right: string): boolean {
  const [short, long] = [wordsOf(left), wordsOf(right)].sort((one, other) => one.length - other.length);
  return short !== undefined && long !== undefined && short !== '--' && long.includes(short);
}

/** `-payload-template-` for `payloadTemplate`, `payload_template` and `Payload Template`. */
function wordsOf(name: string): string {
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, '$1-$2').split(/[^\p{Letter}\p{Number}]+/u);
  return `-${words.filter(Boolean).join('-').toLowerCase()}-`;
}

/** Letters that changed places count as one slip of the finger: `ulr` is as near to `url` as `ur`. */
function lettersApart(left: string, right: string): number {
  const isShuffled = left.length === right.length && sorted(left) === sorted(right);
  return isShuffled ? Math.min(1, distance(left, right)) : distance(left, right);
}

function sorted(letters: string): string {
  return Array.from(letters).sort().join('');
}
