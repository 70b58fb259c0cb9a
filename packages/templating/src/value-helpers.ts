import { compareJson, isEqualJson, isTruthy, lengthOf } from './comparison.js';
import { jsonText } from './print-value.js';
import type { TemplateShape } from './template-shape.js';
import { fieldOf } from './value-access.js';

/** A helper that gives a value. `evaluate` returns undefined when there is none, which is an error. */
export type ValueHelper = {
  readonly parameters: { readonly least: number; readonly most: number };
  readonly usage: string;
  readonly result: TemplateShape;
  readonly evaluate: (values: readonly unknown[]) => unknown;
};

/** The helpers of `{{name …}}` and `(name …)`. Comparisons behave as in the Rust implementation of Handlebars. */
export const valueHelpers: ReadonlyMap<string, ValueHelper> = new Map([
  ['lookup', { ...taking(2, '(lookup list index)'), result: 'any', evaluate: lookUp }],
  ['eq', comparing('eq', (left, right) => isEqualJson(left, right))],
  ['ne', comparing('ne', (left, right) => !isEqualJson(left, right))],
  ['gt', ordering('gt', (order) => order > 0)],
  ['gte', ordering('gte', (order) => order >= 0)],
  ['lt', ordering('lt', (order) => order < 0)],
  ['lte', ordering('lte', (order) => order <= 0)],
  ['and', { ...takingMany('(and a b …)'), result: 'boolean', evaluate: (values) => values.every(isTruthy) }],
  ['or', { ...takingMany('(or a b …)'), result: 'boolean', evaluate: (values) => values.some(isTruthy) }],
  ['not', { ...taking(1, '(not x)'), result: 'boolean', evaluate: ([value]) => !isTruthy(value) }],
  ['len', { ...taking(1, '(len x)'), result: 'number', evaluate: ([value]) => lengthOf(value) }],
  ['json', { ...taking(1, '{{json x}}'), result: 'string', evaluate: ([value]) => jsonText(value) }],
] satisfies [string, ValueHelper][]);

/** The helpers of `{{#name x}}…{{/name}}`, with the most block parameters each may name. */
export const blockHelpers: ReadonlyMap<string, { readonly blockParameters: number }> = new Map([
  ['each', { blockParameters: 2 }],
  ['if', { blockParameters: 0 }],
  ['unless', { blockParameters: 0 }],
  ['with', { blockParameters: 1 }],
]);

/** True for a name that a variable can only have as `this.name`. */
export function isHelperName(name: string): boolean {
  return valueHelpers.has(name) || blockHelpers.has(name);
}

type Usage = Pick<ValueHelper, 'parameters' | 'usage'>;

function taking(count: number, usage: string): Usage {
  return { parameters: { least: count, most: count }, usage };
}

function takingMany(usage: string): Usage {
  return { parameters: { least: 2, most: Number.POSITIVE_INFINITY }, usage };
}

function comparing(name: string, holds: (left: unknown, right: unknown) => boolean): ValueHelper {
  return { ...taking(2, `(${name} a b)`), result: 'boolean', evaluate: ([left, right]) => holds(left, right) };
}

function ordering(name: string, holds: (order: number) => boolean): ValueHelper {
  return comparing(name, (left, right) => {
    const order = compareJson(left, right);
    return order !== undefined && holds(order);
  });
}

function lookUp([container, key]: readonly unknown[]): unknown {
  return typeof key === 'string' || typeof key === 'number' ? fieldOf(container, String(key)) : undefined;
}
