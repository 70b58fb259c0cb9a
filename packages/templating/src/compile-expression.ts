import { compilePath, isSimpleName, type ShapeScope } from './compile-path.js';
import { nearName } from './near-name.js';
import { positionOf } from './parse-template.js';
import type { TemplateErrorCode } from './template-error.js';
import { elementShape, fieldShape, type TemplateShape } from './template-shape.js';
import type { Expression } from './template-tree.js';
import { blockHelpers, valueHelpers } from './value-helpers.js';

/** An expression and the shape of what it gives. After a problem was noted the shape is `'any'`, so that no second one follows from it. */
export type ShapedExpression = { readonly expression: Expression; readonly shape: TemplateShape };

/** Notes a problem at a node; compiling goes on, so that all are found at once. */
export type NoteIssue = (node: hbs.AST.Node, code: TemplateErrorCode, message: string) => void;

type ExpressionNode =
  | hbs.AST.PathExpression
  | hbs.AST.SubExpression
  | hbs.AST.StringLiteral
  | hbs.AST.NumberLiteral
  | hbs.AST.BooleanLiteral
  | hbs.AST.NullLiteral
  | hbs.AST.UndefinedLiteral;

/** What a mustache, a block and a subexpression have in common. */
export type CallNode = Pick<hbs.AST.SubExpression, 'loc' | 'params'> & {
  readonly type: string;
  readonly path: hbs.AST.PathExpression | hbs.AST.Literal;
  /** Handlebars leaves it out when there are no named arguments. */
  readonly hash?: hbs.AST.Hash | undefined;
};

const nothing: ShapedExpression = { expression: { kind: 'literal', value: null }, shape: 'any' };

/** Compiles an argument: a literal, a path or a subexpression. */
export function compileExpression(node: hbs.AST.Expression, scope: ShapeScope, note: NoteIssue): ShapedExpression {
  const typed = node as ExpressionNode;
  switch (typed.type) {
    case 'PathExpression':
      return compileVariable(typed, scope, note);
    case 'SubExpression':
      return compileCall(typed, scope, note);
    case 'StringLiteral':
      return { expression: { kind: 'literal', value: typed.value }, shape: 'string' };
    case 'NumberLiteral':
      return { expression: { kind: 'literal', value: typed.value }, shape: 'number' };
    case 'BooleanLiteral':
      return { expression: { kind: 'literal', value: typed.value }, shape: 'boolean' };
    case 'NullLiteral':
      return nothing;
    case 'UndefinedLiteral':
      note(typed, 'TEMPLATE_UNSUPPORTED', 'There is no undefined here: write null.');
      return nothing;
  }
}

/** Compiles `{{x}}`, `{{helper …}}` and `(helper …)`. */
export function compileCall(node: CallNode, scope: ShapeScope, note: NoteIssue): ShapedExpression {
  const { path } = node;
  if (!isPath(path)) {
    note(
      node,
      'TEMPLATE_UNSUPPORTED',
      'A literal stands where a variable or a helper belongs: write its text without braces.',
    );
    return nothing;
  }
  const isVariable = node.type === 'MustacheStatement' && node.params.length === 0 && node.hash === undefined;
  const helper = isSimpleName(path) ? valueHelpers.get(path.original) : undefined;
  if (helper === undefined) {
    if (isVariable && !(isSimpleName(path) && blockHelpers.has(path.original)))
      return compileVariable(path, scope, note);
    note(node, 'TEMPLATE_UNSUPPORTED', describeUnknownHelper(path.original));
  }
  const parameters = node.params.map((parameter) => compileExpression(parameter, scope, note));
  for (const pair of node.hash?.pairs ?? []) {
    compileExpression(pair.value, scope, note);
    note(pair, 'TEMPLATE_UNSUPPORTED', `"${path.original}" takes no named argument "${pair.key}": remove it.`);
  }
  if (helper === undefined) return nothing;
  const { least, most } = helper.parameters;
  if (parameters.length < least || parameters.length > most) {
    const wanted = least === most ? `${least}` : `at least ${least}`;
    note(
      node,
      'TEMPLATE_UNSUPPORTED',
      `"${path.original}" takes ${wanted} arguments, not ${parameters.length}: write ${helper.usage}.`,
    );
    return nothing;
  }
  const shape = path.original === 'lookup' ? lookupShape(node, parameters, note) : helper.result;
  const expressions = parameters.map(({ expression }) => expression);
  return {
    expression: { kind: 'call', name: path.original, helper, parameters: expressions, position: positionOf(node) },
    shape,
  };
}

/** Tells a path from a literal, which the grammar also allows in its place. */
export function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression';
}

function compileVariable(node: hbs.AST.PathExpression, scope: ShapeScope, note: NoteIssue): ShapedExpression {
  const compiled = compilePath(node, scope);
  if ('problem' in compiled) {
    note(node, compiled.problem.code, compiled.problem.message);
    return nothing;
  }
  return { expression: { kind: 'variable', path: compiled.path, position: positionOf(node) }, shape: compiled.shape };
}

function lookupShape(node: hbs.AST.Node, parameters: readonly ShapedExpression[], note: NoteIssue): TemplateShape {
  const [container, key] = parameters;
  if (container === undefined || key === undefined) return 'any';
  const literal = key.expression.kind === 'literal' ? key.expression.value : undefined;
  const shape =
    typeof literal === 'string' || typeof literal === 'number'
      ? fieldShape(container.shape, String(literal))
      : elementShape(container.shape);
  if (shape !== undefined) return shape;
  const names =
    typeof container.shape === 'object' && 'fields' in container.shape ? Object.keys(container.shape.fields) : [];
  const known = names.length === 0 ? '' : ` Known: ${names.join(', ')}.`;
  note(
    node,
    'TEMPLATE_UNKNOWN_VARIABLE',
    `This lookup can find nothing: its first argument has no such element or field.${known}`,
  );
  return 'any';
}

function describeUnknownHelper(name: string): string {
  if (blockHelpers.has(name)) return `"${name}" is a block: write {{#${name} x}}…{{/${name}}}.`;
  const near = nearName(name, [...valueHelpers.keys()]);
  if (near !== '') return `There is no helper "${name}"${near}.`;
  const known = [...blockHelpers.keys()].map((block) => `#${block}`).concat(...valueHelpers.keys());
  return `There is no helper "${name}". Known: ${known.join(', ')}.`;
}
