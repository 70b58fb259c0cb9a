import type { DecodedText } from './decoded-text.js';

/** How bytes are written as letters and digits. */
type Encoding = {
  bitsPerDigit: number;
  /** At how many places of a run the first byte can begin, counted in digits. */
  phases: number;
  /** By UTF-16 unit, below 128: the value of a digit, or what else it is. */
  meanings: Int8Array;
};

const breaksRun = -1;
/** White space inside of a run, as where it was wrapped to lines, and signs between two bytes. */
const isPassedOver = -2;
const isPadding = -3;

/** The units of a JavaScript text, in the order of bytes of every machine that Node runs on. */
const units = new TextDecoder('utf-16le');

const base64 = encoding(6, 4, ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', '-_'], ' \t\r\n');
const hex = encoding(4, 2, ['0123456789ABCDEF', 'abcdef'], ' \t\r\n:');

/** Stands for what is no run. No byte is it, and it may stand behind evidence that was cut. */
const noByte = '…'.charCodeAt(0);

/**
 * What the text says where it is taken for base64, base64url or hex, once for each place of a run at which a byte can begin:
 * one character for each byte. Whoever finds a secret there has found it in any alignment, in a longer text that was encoded
 * as a whole, padded or not, and wrapped to lines. Each byte stands for the whole word that it was read from: what is left
 * of one can still be decoded.
 */
export function byteReadings(reading: DecodedText): DecodedText[] {
  return [base64, hex].flatMap((one) =>
    Array.from({ length: one.phases }, (_, phase) => decodeRuns(reading, one, phase)),
  );
}

function encoding(bitsPerDigit: number, phases: number, digits: [string, string], passedOver: string): Encoding {
  const meanings = new Int8Array(128).fill(breaksRun);
  const [main, others] = digits;
  for (const [value, digit] of Array.from(main).entries()) meanings[digit.charCodeAt(0)] = value;
  // The other form of the last digits: of base64 the last two, of hex the letters.
  const first = main.length - others.length;
  for (const [index, digit] of Array.from(others).entries()) meanings[digit.charCodeAt(0)] = first + index;
  for (const sign of passedOver) meanings[sign.charCodeAt(0)] = isPassedOver;
  if (bitsPerDigit === 6) meanings['='.charCodeAt(0)] = isPadding;
  return { bitsPerDigit, phases, meanings };
}

/** @param phase How many digits at the beginning of each run are left out. */
function decodeRuns({ text, starts, ends }: DecodedText, encoding: Encoding, phase: number): DecodedText {
  const { bitsPerDigit, meanings } = encoding;
  const bytes = new ByteText(text.length);
  let wordEnd = 0;
  let wordStart = 0;
  let byteStart = 0;
  let value = 0;
  let bits = 0;
  let leftOut = 0;
  for (let index = 0; index < text.length; index += 1) {
    const meaning = meaningAt(text, index, meanings);
    if (meaning === isPassedOver) continue;
    if (meaning < 0) {
      bytes.add(noByte, starts[index] ?? 0, ends[index] ?? 0);
      bits = 0;
      leftOut = 0;
      continue;
    }
    if (index >= wordEnd) {
      wordStart = index;
      wordEnd = endOfWord(text, index, meanings);
    }
    if (leftOut < phase) {
      leftOut += 1;
      continue;
    }
    if (bits === 0) byteStart = wordStart;
    value = ((value << bitsPerDigit) | meaning) & 0xfff;
    bits += bitsPerDigit;
    if (bits < 8) continue;
    bits -= 8;
    bytes.add((value >> bits) & 0xff, starts[byteStart] ?? 0, ends[wordEnd - 1] ?? 0);
    byteStart = wordStart;
  }
  return bytes.toDecodedText();
}

function meaningAt(text: string, index: number, meanings: Int8Array): number {
  const unit = text.charCodeAt(index);
  return unit < 128 ? (meanings[unit] ?? breaksRun) : breaksRun;
}

/** Behind the last digit, its padding included. */
function endOfWord(text: string, start: number, meanings: Int8Array): number {
  let end = start;
  while (end < text.length && meaningAt(text, end, meanings) >= 0) end += 1;
  while (end < text.length && meaningAt(text, end, meanings) === isPadding) end += 1;
  return end;
}

/** A text of bytes that grows to at most `capacity` characters. */
class ByteText {
  readonly #units: Uint16Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  #length = 0;

  constructor(capacity: number) {
    this.#units = new Uint16Array(capacity);
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
  }

  add(unit: number, start: number, end: number): void {
    // One sign is enough for what is no run.
    if (unit === noByte && (this.#length === 0 || this.#units[this.#length - 1] === noByte)) return;
    this.#units[this.#length] = unit;
    this.#starts[this.#length] = start;
    this.#ends[this.#length] = end;
    this.#length += 1;
  }

  toDecodedText(): DecodedText {
    return { text: units.decode(this.#units.subarray(0, this.#length)), starts: this.#starts, ends: this.#ends };
  }
}
