/** Between a run id and the number of a window that was put behind it. It sorts behind every character of a run id. */
const mark = '~';

/** The run id in a window's place in its outbox. */
export function runIdOfPlace(place: string): string {
  const [runId = ''] = place.split(mark);
  return runId;
}

/** The next place behind one, in front of every later run id: `2024-06-15T12:30:00.000000Z~00000001`. */
export function placeBehind(place: string): string {
  const [runId = '', number = '0'] = place.split(mark);
  return `${runId}${mark}${String(Number(number) + 1).padStart(8, '0')}`;
}
