import type { Expression, Statement } from './template-tree.js';

/** Reads a template's variables as a whole: `{{json @root}}`. */
const all = Symbol('all');

/**
 * Which of its variables a template reads anywhere, also where it is not taken: what it prints depends on no other.
 * Undefined: it may read any.
 */
export function variablesRead(statements: readonly Statement[]): ReadonlySet<string> | undefined {
  const read = new Set(readByBody(statements, 0));
  return read.delete(all) ? undefined : (read as Set<string>);
}

type Read = Iterable<string | typeof all>;

/** @param levels How many blocks around it have a `this` of their own. */
function* readByBody(statements: readonly Statement[], levels: number): Read {
  for (const statement of statements) yield* readBy(statement, levels);
}

function* readBy(statement: Statement, levels: number): Read {
  switch (statement.kind) {
    case 'text':
      return;
    case 'print':
      yield* readByExpression(statement.expression, levels);
      return;
    case 'if':
      yield* readByExpression(statement.condition, levels);
      yield* readByExpression(statement.includeZero, levels);
      yield* readByBody([...statement.body, ...statement.otherwise], levels);
      return;
    case 'each':
    case 'with':
      yield* readByExpression(statement.subject, levels);
      yield* readByBody(statement.body, levels + 1);
      yield* readByBody(statement.otherwise, levels);
  }
}

function* readByExpression(expression: Expression, levels: number): Read {
  if (expression.kind === 'literal') return;
  if (expression.kind === 'call') {
    for (const parameter of expression.parameters) yield* readByExpression(parameter, levels);
    return;
  }
  const { base, parts } = expression.path;
  // What a block parameter or a loop gives was read by the block that gives it.
  const isVariable = base.from === 'root' || (base.from === 'self' && base.levelsUp === levels);
  if (isVariable) yield parts[0] ?? all;
}
