import { isObject } from './value-access.js';

/** False for null, false, 0, "", [] and {}; true for everything else. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Deep equality of JSON values. Types count (`5` is not `"5"`), the order of fields does not. */
export function isEqualJson(left: unknown, right: unknown): boolean {
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((element, index) => isEqualJson(element, right[index]))
    );
  }
  if (isObject(left)) {
    if (!isObject(right)) return false;
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => Object.hasOwn(right, name) && isEqualJson(left[name], right[name]))
    );
  }
  return left === right;
}

/** Negative, zero or positive as usual; undefined when the two have no order, such as a list and a number. */
export function compareJson(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'string' && typeof right === 'string') return compareByCodePoint(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (typeof left !== 'number' && typeof right !== 'number') return undefined;
  const [leftNumber, rightNumber] = [numberIn(left), numberIn(right)];
  if (leftNumber === undefined || rightNumber === undefined) return undefined;
  return Math.sign(leftNumber - rightNumber);
}

/** Elements of an array, fields of an object, UTF-8 bytes of a string; 0 for everything else. */
export function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  return typeof value === 'string' ? utf8Length(value) : 0;
}

function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const isNumeric = typeof value === 'string' && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value);
  return isNumeric ? Number(value) : undefined;
}

// The operator < compares UTF-16 code units, which puts U+E000 to U+FFFF behind the emoji.
function compareByCodePoint(left: string, right: string): number {
  const leftPoints = left[Symbol.iterator]();
  const rightPoints = right[Symbol.iterator]();
  for (;;) {
    const [leftPoint, rightPoint] = [leftPoints.next(), rightPoints.next()];
    if (leftPoint.done === true || rightPoint.done === true) {
      return Number(rightPoint.done === true) - Number(leftPoint.done === true);
    }
    const difference = (leftPoint.value.codePointAt(0) ?? 0) - (rightPoint.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}

// A lone surrogate counts as the three bytes of U+FFFD, which stands for it in UTF-8.
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return bytes;
}
