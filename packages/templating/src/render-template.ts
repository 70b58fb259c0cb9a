import { isTruthy } from './comparison.js';
import { append, countStep, emptyOutput, finish, type PayloadOutput, type RenderedPayload } from './payload-output.js';
import { printValue } from './print-value.js';
import { renderError } from './render-error.js';
import type { Expression, Statement } from './template-tree.js';
import { fieldOf, isObject } from './value-access.js';
import { resolveBase, rootScope, type VariableScope } from './variable-scope.js';

type Scope = VariableScope<unknown>;
type LoopStatement = Extract<Statement, { kind: 'each' | 'with' }>;
/** Renders checked statements. The tree is evaluated here and never turned into code, so no template can smuggle any in. */
export function renderStatements(
  statements: readonly Statement[],
  context: Readonly<Record<string, unknown>>,
): RenderedPayload {
  const output = emptyOutput();
  renderBody(statements, rootScope<unknown>(context), output);
  return finish(output);
}

function renderBody(statements: readonly Statement[], scope: Scope, output: PayloadOutput): void {
  for (const statement of statements) {
    countStep(statement, output);
    renderStatement(statement, scope, output);
  }
}

function renderStatement(statement: Statement, scope: Scope, output: PayloadOutput): void {
  switch (statement.kind) {
    case 'text':
      append(statement.text, statement, output);
      break;
    case 'print':
      append(printed(statement, scope), statement, output);
      break;
    case 'if':
      renderBody(isTaken(statement, scope) ? statement.body : statement.otherwise, scope, output);
      break;
    case 'with':
      renderWith(statement, scope, output);
      break;
    case 'each':
      renderEach(statement, scope, output);
  }
}

function printed(statement: Extract<Statement, { kind: 'print' }>, scope: Scope): string {
  const value = evaluate(statement.expression, scope);
  const text = statement.isJsonText ? String(value) : printValue(value);
  if (text !== undefined) return text;
  throw renderError(
    statement.position,
    `${describe(statement.expression)} is an object or no JSON value and cannot be printed: print one of its fields, or use {{json …}}.`,
  );
}

function isTaken(statement: Extract<Statement, { kind: 'if' }>, scope: Scope): boolean {
  const condition = evaluate(statement.condition, scope);
  return isTruthy(condition) || (condition === 0 && isTruthy(evaluate(statement.includeZero, scope)));
}

function renderWith(statement: LoopStatement, scope: Scope, output: PayloadOutput): void {
  const self = evaluate(statement.subject, scope);
  if (!isTruthy(self)) {
    renderBody(statement.otherwise, scope, output);
    return;
  }
  const blockParameters = new Map(statement.blockParameters.map((name) => [name, self]));
  renderBody(statement.body, { self, parent: scope, blockParameters, loop: undefined }, output);
}

function renderEach(statement: LoopStatement, scope: Scope, output: PayloadOutput): void {
  const list = evaluate(statement.subject, scope);
  const isList = Array.isArray(list);
  if (!isList && !isObject(list)) {
    throw renderError(
      statement.position,
      `${describe(statement.subject)} is neither a list nor an object: {{#each}} cannot go through it.`,
    );
  }
  const entries: [string | number, unknown][] = isList
    ? list.map((element, index) => [index, element])
    : Object.entries(list);
  if (entries.length === 0) renderBody(statement.otherwise, scope, output);
  for (const [index, [key, self]] of entries.entries()) {
    const loop = new Map<string, unknown>([
      ['index', index],
      ['key', key],
      ['first', index === 0],
      ['last', index === entries.length - 1],
    ]);
    const given = [self, key];
    const blockParameters = new Map(statement.blockParameters.map((name, place) => [name, given[place]]));
    renderBody(statement.body, { self, parent: scope, blockParameters, loop }, output);
  }
}

function evaluate(expression: Expression, scope: Scope): unknown {
  if (expression.kind === 'literal') return expression.value;
  const value = expression.kind === 'call' ? call(expression, scope) : read(expression, scope);
  if (value === undefined) throw renderError(expression.position, `${describe(expression)} has no value.`);
  return value;
}

function call({ helper, parameters }: Extract<Expression, { kind: 'call' }>, scope: Scope): unknown {
  return helper.evaluate(parameters.map((parameter) => evaluate(parameter, scope)));
}

function read({ path }: Extract<Expression, { kind: 'variable' }>, scope: Scope): unknown {
  return path.parts.reduce(fieldOf, resolveBase(scope, path.base));
}

function describe(expression: Expression): string {
  if (expression.kind === 'literal') return 'A literal';
  if (expression.kind === 'variable') return `"${expression.path.text}"`;
  const subject = expression.parameters[0];
  return subject?.kind === 'variable' ? `(${expression.name} ${subject.path.text} …)` : `(${expression.name} …)`;
}
