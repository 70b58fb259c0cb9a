import { isDocumentUuidError, parseDocumentUuid, type UuidClock } from './uuid-clock.js';

/** A clock as two whole numbers, which are read and compared in no time: the upper 28 bits and the lower 36. */
type SplitClock = { upper: number; lower: number };

/** The earliest and the latest of several clocks; of one clock, that. */
export type Clocks = {
  /** The earliest. */
  min: UuidClock;
  /** The latest. */
  max: UuidClock;
};

/** The earliest and the latest clock of any number of documents. */
export class ClockRange {
  #min: SplitClock | undefined;
  #max: SplitClock | undefined;

  /**
   * Takes one more document into the range.
   *
   * @param uuid Its `/_meta/uuid`. One that is none, or not of version 1, has no clock and changes nothing.
   */
  add(uuid: string): void {
    const clock = isHyphenated(uuid) ? readHyphenated(uuid) : readAny(uuid);
    if (clock === undefined) return;
    if (this.#min === undefined || isBefore(clock, this.#min)) this.#min = clock;
    if (this.#max === undefined || isBefore(this.#max, clock)) this.#max = clock;
  }

  /** Undefined: no document had one. */
  get clocks(): Clocks | undefined {
    if (this.#min === undefined || this.#max === undefined) return undefined;
    return { min: joined(this.#min), max: joined(this.#max) };
  }
}

function isBefore(left: SplitClock, right: SplitClock): boolean {
  return left.upper < right.upper || (left.upper === right.upper && left.lower < right.lower);
}

function joined({ upper, lower }: SplitClock): UuidClock {
  return (BigInt(upper) << 36n) | BigInt(lower);
}

/** The spelling that nearly all documents have; whether it is made of digits is seen when they are read. */
function isHyphenated(uuid: string): boolean {
  return uuid.length === 36 && uuid[8] === '-' && uuid[13] === '-' && uuid[18] === '-' && uuid[23] === '-';
}

function readHyphenated(uuid: string): SplitClock | undefined {
  const low = digits(uuid, 0, 8);
  const mid = digits(uuid, 9, 13);
  const high = digits(uuid, 14, 18);
  const sequence = digits(uuid, 19, 23);
  const producer = digits(uuid, 24, 36);
  if (Number.isNaN(low + mid + high + sequence + producer) || high >> 12 !== 1) return undefined;
  return { upper: (high & 0xfff) * 2 ** 16 + mid, lower: low * 2 ** 4 + ((sequence & 0x3fff) >> 10) };
}

/** The number that hexadecimal digits are; NaN: some are none. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index += 1) value = value * 16 + digit(text.charCodeAt(index));
  return value;
}

function digit(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const lowerCase = character | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x57 : Number.NaN;
}

function readAny(uuid: string): SplitClock | undefined {
  try {
    const { clock } = parseDocumentUuid(uuid);
    return { upper: Number(clock >> 36n), lower: Number(clock & 0xfffffffffn) };
  } catch (error) {
    // Documents are other people's data: one without a clock contributes none, and is no reason to stop a pipeline.
    if (isDocumentUuidError(error)) return undefined;
    throw error;
  }
}
