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
  // The first pass does not recurse; the second does, and comes only after the depth is known to be harmless.
  const template = separateBraces(source);
  refuseDeepNesting(readWith(template, (text) => Handlebars.parseWithoutProcessing(text)));
  return readWith(template, (text) => Handlebars.parse(text));
}

/** Where a node begins; Handlebars counts columns from 0. */
export function positionOf(node: hbs.AST.Node): TextPosition {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}

function readWith(template: SeparatedTemplate, parse: (text: string) => hbs.AST.Program): hbs.AST.Program {
  let program: hbs.AST.Program;
  try {
    program = parse(template.text);
  } catch (error) {
    const { message, ...position } = describeParseFailure(template.text, error);
    throw syntaxError(template.originalPosition(position), message);
  }
  for (const { node } of descend(program)) moveToOriginal(node, template);
  return program;
}

function moveToOriginal(node: object, template: SeparatedTemplate): void {
  // An empty program has no place.
  if (!('loc' in node) || node.loc === undefined) return;
  const { start } = (node as hbs.AST.Node).loc;
  // A new object: Handlebars lets several nodes share one.
  const { line, column } = template.originalPosition({ line: start.line, column: start.column + 1 });
  (node as hbs.AST.Node).loc = { ...(node as hbs.AST.Node).loc, start: { line, column: column - 1 } };
}

function refuseDeepNesting(program: hbs.AST.Program): void {
  for (const { depth, position } of descend(program)) {
    if (depth > templateLimits.nesting) {
      throw syntaxError(
        position,
        `Blocks and subexpressions stand more than ${templateLimits.nesting} deep in one another; ` +
          'each {{else if}} counts as one more. Write fewer inside one another.',
      );
    }
  }
}

type Descendant = { node: object; depth: number; position: TextPosition };

/** The program and every object below it, with the number of blocks and subexpressions around it. Does not recurse. */
function* descend(program: hbs.AST.Program): Generator<Descendant> {
  const waiting: Descendant[] = [{ node: program, depth: 0, position: { line: 1, column: 1 } }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth, position } = next;
    const children = Object.values(node).filter((child) => typeof child === 'object' && child !== null);
    yield next;
    for (const child of children) {
      const opensLevel = 'type' in child && (child.type === 'BlockStatement' || child.type === 'SubExpression');
      waiting.push({
        node: child,
        depth: depth + (opensLevel ? 1 : 0),
        position: opensLevel ? positionOf(child) : position,
      });
    }
  }
}

function syntaxError(position: TextPosition, message: string): TemplateError {
  return new TemplateError([{ code: 'TEMPLATE_SYNTAX', message, ...position }]);
}
