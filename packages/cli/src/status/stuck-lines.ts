import { counted, inThousands, localTime, oneLine, span } from '../terminal/readable-text.js';
import { fixOf, type Remedy, remediesOf, type SpecCommand } from './remedy.js';
import type { StuckTrigger } from './stuck-trigger.js';

/** A stuck trigger, whose it is, and how it can be helped. */
export type StuckCase = { materialization: string; stuck: StuckTrigger; remedies: Remedy[] };

/** The cases of one materialization. */
export function stuckCases(
  materialization: string,
  stuck: readonly StuckTrigger[],
  command: SpecCommand,
  isOnlyOne: boolean,
): StuckCase[] {
  const names = isOnlyOne ? [] : ['--materialization', materialization];
  return stuck.map((one) => ({ materialization, stuck: one, remedies: remediesOf(one, command, names) }));
}

/**
 * Stuck triggers for people, with an empty line behind them: a block for each, whose commands can be copied. Empty without any.
 *
 * @param now In milliseconds since 1970.
 */
export function stuckLines(cases: readonly StuckCase[], now: number, emphasized: (text: string) => string): string[] {
  if (cases.length === 0) return [];
  const triggers = new Set(cases.map(({ materialization, stuck }) => JSON.stringify([materialization, stuck.trigger])));
  const head = triggers.size === 1 ? '1 trigger is stuck:' : `${inThousands(triggers.size)} triggers are stuck:`;
  return [emphasized(head), ...cases.flatMap((one) => caseLines(one, now)), ''];
}

function caseLines({ materialization, stuck, remedies }: StuckCase, now: number): string[] {
  const reason = stuck.reason === null ? [] : [field('reason', oneLine(stuck.reason))];
  return [
    `  ${oneLine(materialization)}: ${oneLine(stuck.trigger)}: ${whyText(stuck, now)}`,
    ...reason,
    ...remedies.map((remedy) => field(`to ${remedy.to}`, 'command' in remedy ? remedy.command : remedy.advice)),
  ];
}

/** As wide as the longest label, and the space behind it. */
const labelWidth = 'to make room'.length + 2;

function field(label: string, text: string): string {
  return `    ${label.padEnd(labelWidth)}${text}`;
}

function whyText({ why, sinceAt, waiting, parked }: StuckTrigger, now: number): string {
  const since = sinceAt === null ? '' : ` since ${localTime(sinceAt, now)} (${span(now - sinceAt)})`;
  const windows = `${counted(waiting, 'window')} to deliver`;
  switch (why) {
    case 'failing':
      return `failing${since}, ${windows}`;
    case 'full':
      return `failing${since}, ${windows}, and ${inThousands(parked)} parked, which is as many as can be`;
    case 'overdue':
      return `due${since}, ${windows}: no run goes on, or an attempt takes that long`;
    case 'parked':
      return `${inThousands(parked)} parked${since}${waiting === 0 ? '' : `, ${windows}`}`;
    case 'without-trigger':
      return `has no trigger any more, and keeps ${counted(waiting, 'window')} and ${inThousands(parked)} parked`;
  }
}

/** For programs. `fix`: what helps first, a command where there is one. */
export function stuckObject({ stuck: { sinceAt, ...stuck }, remedies }: StuckCase): Record<string, unknown> {
  return { ...stuck, sinceAt: sinceAt === null ? null : new Date(sinceAt).toISOString(), fix: fixOf(remedies) };
}
