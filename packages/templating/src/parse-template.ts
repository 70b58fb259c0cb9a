import Handlebars from 'handlebars';
import { type SeparatedTemplate, separateBraces } from './brace-separation.js';
import { describeParseFailure } from './parse-failure.js';
import { TemplateError, type TextPosition } from './template-error.js';
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
  // Reading does not recurse; whitespace control does, and comes only after the depth is known to be harmless.
  const program: unknown = read(separateBraces(source));
  // It takes a tree, too, and does the rest; its declarations do not say so.
  return Handlebars.parse(program as string);
}

/** Where a node begins; Handlebars counts columns from 0. */
export function positionOf(node: hbs.AST.Node): TextPosition {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}

function read(template: SeparatedTemplate): hbs.AST.Program {
  let program: hbs.AST.Program;
  try {
    program = Handlebars.parseWithoutProcessing(template.text);
  } catch (error) {
    const { message, ...position } = describeParseFailure(template.text, error);
    throw syntaxError(template.originalPosition(position), message);
  }
  settle(program, template);
  return program;
}

/** Moves every node to its place in the original, and refuses what is too deep. Does not recurse. */
function settle(program: hbs.AST.Program, template: SeparatedTemplate): void {
  const waiting: Array<{ node: object; depth: number }> = [{ node: program, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node } = next;
    moveToOriginal(node, template);
    const depth = next.depth + (opensLevel(node) ? 1 : 0);
    if (depth > templateLimits.nesting) throw tooDeep(node as hbs.AST.Node);
    for (const [name, child] of Object.entries(node)) {
      if (name !== 'loc' && typeof child === 'object' && child !== null) waiting.push({ node: child, depth });
    }
  }
}

function moveToOriginal(node: object, template: SeparatedTemplate): void {
  // An empty program has no place.
  if (!template.isSeparated || !('loc' in node) || node.loc === undefined) return;
  const { start } = (node as hbs.AST.Node).loc;
  // A new object: Handlebars lets several nodes share one.
  const { line, column } = template.originalPosition({ line: start.line, column: start.column + 1 });
  (node as hbs.AST.Node).loc = { ...(node as hbs.AST.Node).loc, start: { line, column: column - 1 } };
}

function opensLevel(node: object): boolean {
  return 'type' in node && (node.type === 'BlockStatement' || node.type === 'SubExpression');
}

function tooDeep(node: hbs.AST.Node): TemplateError {
  return syntaxError(
    positionOf(node),
    `Blocks and subexpressions stand more than ${templateLimits.nesting} deep in one another; ` +
      'each {{else if}} counts as one more. Write fewer inside one another.',
  );
}

function syntaxError(position: TextPosition, message: string): TemplateError {
  return new TemplateError([{ code: 'TEMPLATE_SYNTAX', message, ...position }]);
}
