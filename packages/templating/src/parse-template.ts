import Handlebars from 'handlebars';
import { describeParseFailure } from './parse-failure.js';
import { TemplateError } from './template-error.js';
import { templateLimits } from './template-limits.js';

/**
 * Reads a template into Handlebars' syntax tree, with its whitespace control applied.
 *
 * Throws a TemplateError, code `TEMPLATE_SYNTAX`, for what Handlebars cannot read and for what is beyond `templateLimits`.
 */
export function parseTemplate(source: string): hbs.AST.Program {
  if (source.length > templateLimits.sourceLength) {
    throw syntaxError(
      { line: 1, column: 1 },
      `The template is ${source.length} characters long; at most ${templateLimits.sourceLength} are allowed.`,
    );
  }
  // The first pass does not recurse; the second does, and comes only after the depth is known to be harmless.
  refuseDeepNesting(readWith(source, (text) => Handlebars.parseWithoutProcessing(text)));
  return readWith(source, (text) => Handlebars.parse(text));
}

/** Where a node begins; Handlebars counts columns from 0. */
export function positionOf(node: hbs.AST.Node): { line: number; column: number } {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}

function readWith(source: string, parse: (text: string) => hbs.AST.Program): hbs.AST.Program {
  try {
    return parse(source);
  } catch (error) {
    const { line, column, message } = describeParseFailure(source, error);
    throw syntaxError({ line, column }, message);
  }
}

function refuseDeepNesting(program: hbs.AST.Program): void {
  const waiting: { node: object; depth: number; position: { line: number; column: number } }[] = [
    { node: program, depth: 0, position: { line: 1, column: 1 } },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > templateLimits.nesting) {
      throw syntaxError(
        next.position,
        `Blocks and subexpressions stand more than ${templateLimits.nesting} deep in one another; ` +
          'each {{else if}} counts as one more. Write fewer inside one another.',
      );
    }
    for (const child of Object.values(next.node)) {
      if (typeof child !== 'object' || child === null) continue;
      const opensLevel = 'type' in child && (child.type === 'BlockStatement' || child.type === 'SubExpression');
      waiting.push({
        node: child,
        depth: next.depth + (opensLevel ? 1 : 0),
        position: opensLevel ? positionOf(child) : next.position,
      });
    }
  }
}

function syntaxError(position: { line: number; column: number }, message: string): TemplateError {
  return new TemplateError([{ code: 'TEMPLATE_SYNTAX', message, ...position }]);
}
