/** What a scalar of YAML stands for; undefined: a timestamp, which has no counterpart here. */
export type ScalarValue = null | boolean | number | bigint | string | undefined;

const words = new Map<string, ScalarValue>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const time = String.raw`\d{1,2}:\d{1,2}:\d{1,2}(?:[.,]\d+)?`;
const timestamp = new RegExp(String.raw`^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]${time}(?:Z|[-+]\d\d:\d\d)| +${time})?$`);
const decimal = /^[-+]?(?:0|[1-9]\d*)$/;
const withBase = /^([-+]?)0([xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+|[0-7]+)$/;

/**
 * What a scalar that is written without quotes stands for, by the rules of the library with which sops reads YAML: those of
 * YAML 1.1 for numbers (`0777` is 511, `1_000` is 1000), and of 1.2 for booleans (`yes` is a text).
 */
export function plainScalar(text: string): ScalarValue {
  if (words.has(text)) return words.get(text);
  if (!/^[-+.\d]/.test(text)) return text;
  if (timestamp.test(text)) return undefined;
  const digits = text.replaceAll('_', '');
  if (decimal.test(digits)) return integer(BigInt(digits.replace('+', '')));
  const based = digits.match(withBase);
  if (based !== null) return integer(basedInteger(based[1] ?? '', based[2] ?? ''));
  return float.test(digits) && Number.isFinite(Number(digits)) ? Number(digits) : text;
}

function basedInteger(sign: string, digits: string): bigint {
  const magnitude = BigInt(/^[0-7]/.test(digits) ? `0o${digits}` : `0${digits.toLowerCase()}`);
  return sign === '-' ? -magnitude : magnitude;
}

function integer(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
