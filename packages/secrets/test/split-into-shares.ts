import { randomBytes } from 'node:crypto';

/** A secret split as sops splits data keys: a polynomial for each byte; the last byte of a share says where it was evaluated. */
export function splitIntoShares(secret: Uint8Array, count: number, threshold: number): Uint8Array[] {
  const coefficients = [...secret].map((byte) => [byte, ...randomBytes(threshold - 1)]);
  return Array.from({ length: count }, (_, index) => {
    const place = 7 * index + 3;
    return Uint8Array.from([...coefficients.map((polynomial) => evaluate(polynomial, place)), place]);
  });
}

function evaluate(polynomial: readonly number[], place: number): number {
  return polynomial.reduceRight((sum, coefficient) => product(sum, place) ^ coefficient, 0);
}

/** By tables of powers of 3, which generates the field of AES: another way than that of the code under test. */
function product(left: number, right: number): number {
  if (left === 0 || right === 0) return 0;
  return powers[(powers.indexOf(left) + powers.indexOf(right)) % 255] ?? 0;
}

const powers: number[] = [1];
while (powers.length < 255) {
  const last = powers.at(-1) ?? 0;
  const doubled = (last << 1) ^ (last & 0x80 ? 0x11b : 0);
  powers.push(doubled ^ last);
}
