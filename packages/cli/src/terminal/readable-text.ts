import { formatDuration } from '@aftercommit/models';

/** `1461, 'document'` as `1,461 documents`. */
export function counted(count: number, what: string, several = `${what}s`): string {
  return `${inThousands(count)} ${count === 1 ? what : several}`;
}

/** `1461` as `1,461`. What is made for languages would take longer to load than all of a small run. */
export function inThousands(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A length in milliseconds, in whole seconds, rounded up: what is to come is not `0 s` away. `250_000` is `4 m 10 s`. */
export function span(milliseconds: number): string {
  const wholeSeconds = Math.max(0, Math.ceil(milliseconds / 1_000)) * 1_000;
  return formatDuration(wholeSeconds).replaceAll(/(?<=\d)(?=[a-z])/g, ' ');
}

/** The local time, `12:30:00`; of another day than `now`, with its date. Both in milliseconds since 1970. */
export function localTime(at: number, now: number): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  return localDate(at) === localDate(now) ? time : `${localDate(at)} ${time}`;
}

/** Year, month and day: `2024-06-15`. */
function localDate(at: number): string {
  const date = new Date(at);
  const twoDigits = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** What others wrote, for one line of a terminal: a reason may hold line ends, and codes that move the cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}

/** The same, with line ends kept: of the trace of an error. */
export function safeLines(text: string): string {
  return text.replaceAll(/(?!\n)\p{Cc}/gu, ' ').trim();
}
