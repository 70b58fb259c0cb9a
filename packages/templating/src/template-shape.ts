/**
 * What is known of a value before there is one, so that a template can be checked when it is published.
 * `'any'` accepts every use; what is missing in it is found only when a payload is rendered.
 */
export type TemplateShape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'any'
  | {
      /** What each of its elements is. */
      readonly array: TemplateShape;
    }
  | {
      /** What each of its fields is. It has no others. */
      readonly fields: TemplateVariables;
    };

/** The variables a template may name, and nothing else. */
export type TemplateVariables = { readonly [name: string]: TemplateShape };

/**
 * The shape of a value that stands for all later ones: its fields are known, and no others.
 * `null`, what an empty array holds, and what an array of unlike elements holds become `'any'`.
 */
export function shapeOf(value: unknown): TemplateShape {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (Array.isArray(value)) return { array: commonShape(value.map(shapeOf)) };
  if (typeof value !== 'object' || value === null) return 'any';
  return { fields: Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shapeOf(field)])) };
}

/** The one shape of all of these, or `'any'` when they differ or there is none. */
export function commonShape(shapes: readonly TemplateShape[]): TemplateShape {
  const [first, ...others] = shapes;
  if (first === undefined) return 'any';
  return others.every((other) => isSameShape(first, other)) ? first : 'any';
}

/** The shape of what `.part` or `.[part]` gives; undefined when there can be no such thing. */
export function fieldShape(shape: TemplateShape, part: string): TemplateShape | undefined {
  if (shape === 'any') return 'any';
  if (typeof shape === 'string') return undefined;
  if ('array' in shape) return isArrayIndex(part) ? shape.array : undefined;
  return Object.hasOwn(shape.fields, part) ? shape.fields[part] : undefined;
}

/** The shape of what `#each` and a computed `lookup` walk over; undefined when the value holds no elements. */
export function elementShape(shape: TemplateShape): TemplateShape | undefined {
  if (shape === 'any') return 'any';
  if (typeof shape === 'string') return undefined;
  return 'array' in shape ? shape.array : commonShape(Object.values(shape.fields));
}

/** An index as it is written in a path: `0`, `12`, never `01` or `-1`. */
export function isArrayIndex(part: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(part);
}

/** True when both allow exactly the same uses. */
export function isSameShape(left: TemplateShape, right: TemplateShape): boolean {
  if (typeof left === 'string' || typeof right === 'string') return left === right;
  if ('array' in left) return 'array' in right && isSameShape(left.array, right.array);
  if ('array' in right) return false;
  const names = Object.keys(left.fields);
  return (
    names.length === Object.keys(right.fields).length &&
    names.every((name) => {
      const [leftField, rightField] = [fieldShape(left, name), fieldShape(right, name)];
      return leftField !== undefined && rightField !== undefined && isSameShape(leftField, rightField);
    })
  );
}
