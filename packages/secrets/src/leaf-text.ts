import type { OrderedValue } from './ordered-value.js';

export type Leaf = boolean | number | bigint | string;

/**
 * How a release of sops takes the numbers of a JSON document. Up to 3.13.1 every one is a double; from then on those without
 * point and exponent are integers. So the same bytes can have two seals.
 */
export type NumberModel = { integers: 'exact' | 'double'; keepsMinusZero: boolean };

export const numberModels: readonly NumberModel[] = [
  { integers: 'double', keepsMinusZero: true },
  { integers: 'exact', keepsMinusZero: false },
  { integers: 'exact', keepsMinusZero: true },
];

/** What counts of a leaf in the seal, and what is encrypted of it. */
export function leafText(leaf: Leaf, model: NumberModel = { integers: 'exact', keepsMinusZero: false }): string {
  if (typeof leaf === 'string') return leaf;
  if (typeof leaf === 'boolean') return leaf ? 'True' : 'False';
  if (typeof leaf === 'number') return Object.is(leaf, -0) && model.keepsMinusZero ? '-0' : doubleText(leaf);
  return model.integers === 'exact' && isInt64(leaf) ? String(leaf) : doubleText(Number(leaf));
}

/** A double in its shortest digits, without exponent: `1e21` is `1000000000000000000000`. */
export function doubleText(double: number): string {
  if (Number.isNaN(double)) return 'NaN';
  if (!Number.isFinite(double)) return double > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponent] = String(double).split('e');
  if (exponent === undefined) return mantissa;
  const [, sign = '', whole = '', fraction = ''] = mantissa.match(/^(-?)(\d+)(?:\.(\d+))?$/) ?? [];
  const digits = `${whole}${fraction}`;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

export function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** null, and arrays and objects without a leaf, are passed over by the seal. */
export function isLeaf(value: OrderedValue): value is Leaf {
  return value !== null && typeof value !== 'object';
}
