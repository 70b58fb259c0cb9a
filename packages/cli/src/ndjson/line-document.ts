import { type SourceDocument, SourceError } from '@aftercommit/runtime-adapter';
import type { Line } from './line-splitter.js';
import { type LineProblem, parseLine } from './parse-line.js';

/** A line of a file, or of standard input, for messages. */
export type Place = {
  /** `weather.ndjson` */
  source: string;
  /** 1-based. */
  line: number;
  /** Whether the next run goes on behind what was committed. */
  isResumable: boolean;
};

/** What a broken input that cannot be resumed means for its next run. A sentence. */
export const inputIsNew = 'What was committed of it is kept, and what comes in the next run is read as new.';

/** The document of a line. @throws SourceError `DOCUMENT_INVALID` */
export function documentOfLine(line: Line, place: Place): SourceDocument {
  const parsed = parseLine(line);
  if ('problem' in parsed) throw faultyLine(place, parsed);
  return { document: parsed.document, bytes: line.length, place: placeText(place) };
}

/**
 * The document of a last line that has no line end: an object that parses is complete.
 *
 * @returns Undefined: it is none yet.
 */
export function documentOfUnfinishedLine(line: Line, place: Place): SourceDocument | undefined {
  const parsed = parseLine(line);
  if ('problem' in parsed) return undefined;
  return { document: parsed.document, bytes: line.length, place: placeText(place) };
}

/** What a source that ends with such a line is told. */
export function unfinishedLine(line: Line, place: Place): SourceError {
  const parsed = parseLine(line);
  if (!('problem' in parsed)) return invalidLine(place, 'has no end');
  const advice = adviceOn(parsed, place);
  if (!parsed.isIncomplete || advice !== undefined) return faultyLine(place, parsed);
  const next = place.isResumable
    ? 'Its writer may not be done: run again when it is, or correct the line.'
    : inputIsNew;
  return new SourceError(
    'DOCUMENT_INVALID',
    `${placeText(place, parsed.column)}: ${place.source} ends in the middle of this line: it has no line end, and ${parsed.problem}. ${next}`,
  );
}

/** A line that something is wrong with as a whole. */
export function invalidLine(place: Place, problem: string): SourceError {
  return faultyLine(place, { problem });
}

function faultyLine(
  place: Place,
  found: Pick<LineProblem, 'problem' | 'column' | 'advice' | 'adviceIfFirst'>,
): SourceError {
  const advice = adviceOn(found, place) ?? correction(place);
  return new SourceError('DOCUMENT_INVALID', `${placeText(place, found.column)}: the line ${found.problem}. ${advice}`);
}

function correction({ isResumable }: Place): string {
  return isResumable ? 'Correct it or remove it, and leave the lines before it as they are.' : inputIsNew;
}

/** Undefined: what is to be done about any line that is wrong. */
function adviceOn(
  { advice, adviceIfFirst }: Pick<LineProblem, 'advice' | 'adviceIfFirst'>,
  { line }: Place,
): string | undefined {
  return advice ?? (line === 1 ? adviceIfFirst : undefined);
}

export function lineTooLong(place: Place, lineBytes: number): SourceError {
  const limit = lineBytes % 1_048_576 === 0 ? `${lineBytes / 1_048_576} MiB` : `${lineBytes} bytes`;
  return invalidLine(place, `is longer than ${limit}, so perhaps its line end is missing`);
}

/** As editors and terminals open it: `weather.ndjson:3:17`. */
function placeText({ source, line }: Place, column?: number): string {
  return `${source}:${line}${column === undefined ? '' : `:${column}`}`;
}
