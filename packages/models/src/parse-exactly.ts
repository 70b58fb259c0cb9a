import { parse } from 'lossless-json';
import type { DocumentValue } from './document.js';

/**
 * The value of a JSON text, number by number: many times as slow as `JSON.parse`, and right where that is not.
 *
 * @throws SyntaxError when the text is not JSON, or has a number that is too large for a double.
 */
export function parseExactly(text: string): DocumentValue {
  return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue }) as DocumentValue;
}

function exactNumber(text: string): number | bigint {
  const number = Number(text);
  if (!Number.isFinite(number)) throw new SyntaxError(`The number ${text.slice(0, 40)} is too large`);
  if (Number.isSafeInteger(number) || !Number.isInteger(number)) return number;
  if (/^-?\d+$/.test(text)) return BigInt(text);
  // With a point or an exponent it is a double (1e23, 1.5e300) as long as it says no more than the double does.
  const integer = integerOf(text);
  return integer === undefined || integer === integerOf(number.toExponential()) ? number : integer;
}

/** What the text of a number amounts to; undefined: not to an integer. */
function integerOf(text: string): bigint | undefined {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const zeros = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  if (zeros >= 0) return digits * 10n ** BigInt(zeros);
  const divisor = 10n ** BigInt(-zeros);
  return digits % divisor === 0n ? digits / divisor : undefined;
}
