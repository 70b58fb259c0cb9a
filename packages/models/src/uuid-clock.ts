import { formatTimestamp } from './timestamp.js';

/**
 * The clock of a document, read from its version-1 UUID: an unsigned 64-bit number whose upper 60 bits count 100 ns
 * ticks since 1582-10-15 and whose lower 4 bits are a sequence counter worth 4 ns each.
 */
export type UuidClock = bigint;

/** What a document's `/_meta/uuid` says. */
export type DocumentUuid = {
  /** When it was written. */
  clock: UuidClock;
  /** 0: outside a transaction, 1: continues one, 2: acknowledges one. Ten bits. */
  flags: number;
  /** Who wrote the document: twelve hex digits. */
  producer: string;
};

const marker = Symbol.for('aftercommit.DocumentUuidError');

/** Raised when a text is not a version-1 UUID. */
export class DocumentUuidError extends Error {
  /** The one thing that it says, for programs. */
  readonly code = 'UUID_INVALID';
  /** What `isDocumentUuidError` looks for. */
  readonly [marker] = true;

  /** With what the text is instead, such as "not a UUID". */
  constructor(text: string, problem: string) {
    super(`"${text}" is ${problem}`);
    this.name = 'DocumentUuidError';
  }
}

/** Recognises a `DocumentUuidError`, also one of another copy of this package. */
export function isDocumentUuidError(error: unknown): error is DocumentUuidError {
  return typeof error === 'object' && error !== null && marker in error;
}

const hyphenated = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** The spellings that UUID libraries read: hyphenated, its digits alone, in braces, as a URN. */
const spellings = new RegExp(`^(?:${hyphenated}|[0-9a-f]{32}|\\{${hyphenated}\\}|urn:uuid:${hyphenated})$`, 'i');
const ticksPerSecond = 10_000_000n;
/** Ticks from 1582-10-15, where version-1 UUIDs begin, to the Unix epoch. */
const unixEpochTicks = 122_192_928_000_000_000n;

/**
 * Reads the clock, flags and producer of a version-1 UUID: in either letter case, with or without hyphens, braces or
 * `urn:uuid:`.
 *
 * @throws DocumentUuidError "not a UUID" or "not a version-1 UUID".
 */
export function parseDocumentUuid(text: string): DocumentUuid {
  if (!spellings.test(text)) throw new DocumentUuidError(text, 'not a UUID');
  const hex = text.toLowerCase().replace('urn:uuid:', '').replaceAll(/[-{}]/g, '');
  if (hex[12] !== '1') throw new DocumentUuidError(text, 'not a version-1 UUID');
  const ticks = BigInt(`0x${hex.slice(13, 16)}${hex.slice(8, 12)}${hex.slice(0, 8)}`);
  const sequence = Number.parseInt(hex.slice(16, 20), 16) & 0x3fff;
  return {
    clock: (ticks << 4n) | BigInt(sequence >> 10),
    flags: sequence & 0x3ff,
    producer: hex.slice(20),
  };
}

/**
 * Writes the version-1 UUID whose clock, flags and producer these are: the inverse of `parseDocumentUuid`.
 *
 * @throws RangeError when the clock has more than 64 bits, the flags more than ten, or the producer is not twelve hex
 *   digits in lower case.
 */
export function formatDocumentUuid({ clock, flags, producer }: DocumentUuid): string {
  if (BigInt.asUintN(64, clock) !== clock) throw new RangeError(`The clock ${clock} is not an unsigned 64-bit number`);
  if ((flags & 0x3ff) !== flags) throw new RangeError(`The flags ${flags} do not fit into ten bits`);
  if (!/^[0-9a-f]{12}$/.test(producer)) throw new RangeError(`The producer "${producer}" is not twelve hex digits`);
  const ticks = (clock >> 4n).toString(16).padStart(15, '0');
  const sequence = (0x8000 | (Number(clock & 0xfn) << 10) | flags).toString(16);
  return `${ticks.slice(7)}-${ticks.slice(3, 7)}-1${ticks.slice(0, 3)}-${sequence}-${producer}`;
}

/**
 * The clock of an instant: whole seconds since the Unix epoch, negative before it, and 0 to 999,999,999 nanoseconds
 * after them. What is below 100 ns is dropped, the sequence counter is 0.
 */
export function clockFromUnix(seconds: number, nanos: number): UuidClock {
  return (BigInt(seconds) * ticksPerSecond + BigInt(nanos) / 100n + unixEpochTicks) << 4n;
}

/** The instant of a clock, counter included. A clock below the Unix epoch reads as the epoch and its counter. */
export function clockToUnix(clock: UuidClock): {
  /** Whole seconds since the Unix epoch, 0 or more. */
  seconds: number;
  /** 0 to 999,999,999. */
  nanos: number;
} {
  const nanos = clockToNanos(clock);
  return { seconds: Number(nanos / 1_000_000_000n), nanos: Number(nanos % 1_000_000_000n) };
}

/** The clock as a UTC timestamp of RFC 3339; a fraction only when it is not zero, trailing zeros trimmed. */
export function clockToRfc3339(clock: UuidClock): string {
  return formatTimestamp(clockToNanos(clock));
}

function clockToNanos(clock: UuidClock): bigint {
  const ticks = (clock >> 4n) - unixEpochTicks;
  return (ticks < 0n ? 0n : ticks) * 100n + (clock & 0xfn) * 4n;
}
