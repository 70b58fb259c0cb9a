import { compileBlock } from './compile-block.js';
import { compileCall, isPath, type NoteIssue } from './compile-expression.js';
import { isSimpleName, type ShapeScope } from './compile-path.js';
import { parseTemplate, positionOf } from './parse-template.js';
import type { RenderedPayload } from './payload-output.js';
import { renderStatements } from './render-template.js';
import { TemplateError, type TemplateIssue } from './template-error.js';
import type { TemplateVariables } from './template-shape.js';
import type { Statement } from './template-tree.js';
import { rootScope } from './variable-scope.js';
import { variablesRead } from './variables-read.js';

/** A template that was checked: it names known variables only, and uses what is offered only. */
export type CompiledTemplate = {
  /** As it was written. */
  readonly source: string;
  /** The variables it was checked against. */
  readonly variables: TemplateVariables;
  /** Those of them that it reads: what it prints depends on no other. Undefined: it may read any. */
  readonly variablesRead: ReadonlySet<string> | undefined;
  /**
   * The payload for these values, which must be JSON values. Whether the payload is JSON is not looked at: see `renderPayload`.
   *
   * @throws TemplateError `TEMPLATE_RENDER` when a variable is missing or cannot be used where it stands. The message names the
   *   variable and the place in the template, never the value.
   */
  render(context: Readonly<Record<string, unknown>>): string;
  /** As `render`, and also tells which place of the template printed a given offset of the payload. */
  trace(context: Readonly<Record<string, unknown>>): RenderedPayload;
};

type StatementNode =
  | hbs.AST.ContentStatement
  | hbs.AST.CommentStatement
  | hbs.AST.MustacheStatement
  | hbs.AST.BlockStatement
  | hbs.AST.PartialStatement
  | hbs.AST.PartialBlockStatement
  | (hbs.AST.Node & { readonly type: 'Decorator' | 'DecoratorBlock' });

/**
 * Checks a template and makes it ready to render.
 *
 * @throws TemplateError that lists every problem found, in the order of the template: `TEMPLATE_UNKNOWN_VARIABLE` or
 *   `TEMPLATE_UNSUPPORTED`; `TEMPLATE_SYNTAX`, then the only one, when Handlebars cannot read the template.
 */
export function compileTemplate(source: string, variables: TemplateVariables): CompiledTemplate {
  const issues: TemplateIssue[] = [];
  const note: NoteIssue = (node, code, message) => {
    issues.push({ code, message, ...positionOf(node) });
  };
  const statements = compileBody(parseTemplate(source), rootScope({ fields: variables }), note);
  const [first, ...others] = issues.sort((left, right) => left.line - right.line || left.column - right.column);
  if (first !== undefined) throw new TemplateError([first, ...others]);
  return {
    source,
    variables,
    variablesRead: variablesRead(statements),
    render: (context) => renderStatements(statements, context).text,
    trace: (context) => renderStatements(statements, context),
  };
}

function compileBody(program: hbs.AST.Program | undefined, scope: ShapeScope, note: NoteIssue): Statement[] {
  return (program?.body ?? []).flatMap((node) => compileStatement(node as StatementNode, scope, note) ?? []);
}

function compileStatement(node: StatementNode, scope: ShapeScope, note: NoteIssue): Statement | undefined {
  switch (node.type) {
    case 'ContentStatement':
      return compileText(node);
    case 'CommentStatement':
      return undefined;
    case 'MustacheStatement':
      return compilePrint(node, scope, note);
    case 'BlockStatement':
      return compileBlock(node, scope, note, (program, inner) => compileBody(program, inner, note));
    case 'PartialStatement':
    case 'PartialBlockStatement':
      note(node, 'TEMPLATE_UNSUPPORTED', 'Partials {{> …}} are not offered: write their text into the template.');
      return undefined;
    case 'Decorator':
    case 'DecoratorBlock':
      note(node, 'TEMPLATE_UNSUPPORTED', 'Decorators {{* …}} are not offered: remove them.');
      return undefined;
  }
}

function compileText(node: hbs.AST.ContentStatement): Statement {
  // Handlebars' own declarations give `original` the type of another field.
  const original: unknown = node.original;
  return {
    kind: 'text',
    text: node.value,
    original: typeof original === 'string' ? original : node.value,
    position: positionOf(node),
  };
}

function compilePrint(node: hbs.AST.MustacheStatement, scope: ShapeScope, note: NoteIssue): Statement {
  const { expression, shape } = compileCall(node, scope, note);
  if (typeof shape === 'object' && 'fields' in shape) {
    const name = isPath(node.path) && !(expression.kind === 'call') ? node.path.original : '(…)';
    note(
      node,
      'TEMPLATE_UNSUPPORTED',
      `"${name}" is an object: print one of its fields, or write {{json ${name}}} without quotes around it.`,
    );
  }
  const isJsonText = isPath(node.path) && isSimpleName(node.path) && node.path.original === 'json';
  return { kind: 'print', expression, isJsonText, position: positionOf(node) };
}
