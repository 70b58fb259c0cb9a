import type { DocumentValue } from '@aftercommit/models';

/** What a column holds. Every value has one narrowest type; `text` holds what every other one does. */
export type ColumnType = 'bigint' | 'numeric' | 'boolean' | 'jsonb' | 'text';

const minInteger = -(2n ** 63n);
const maxInteger = 2n ** 63n - 1n;

/** The narrowest type that holds the value as it is. Undefined: it is null in a column of any type. */
export function typeOf(value: DocumentValue | undefined): ColumnType | undefined {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'boolean';
    case 'bigint':
      return value >= minInteger && value <= maxInteger ? 'bigint' : 'numeric';
    case 'number':
      return typeOfNumber(value);
    case 'object':
      return value === null ? undefined : 'jsonb';
    default:
      return undefined;
  }
}

/** What is no number is null, as in JSON. */
function typeOfNumber(value: number): ColumnType | undefined {
  if (Number.isSafeInteger(value)) return 'bigint';
  return Number.isFinite(value) ? 'numeric' : undefined;
}

/** The narrowest type that holds what both do. The order in which values come does not matter. */
export function joinTypes(one: ColumnType, other: ColumnType): ColumnType {
  if (one === other) return one;
  return isNumeric(one) && isNumeric(other) ? 'numeric' : 'text';
}

/** Whether two values that differ still do when a column of the one type is changed to the other. */
export function staysApart(from: ColumnType, to: ColumnType): boolean {
  return from === to || (isNumeric(from) && isNumeric(to));
}

function isNumeric(type: ColumnType): boolean {
  return type === 'bigint' || type === 'numeric';
}
