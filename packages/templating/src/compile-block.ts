import {
  type CallNode,
  compileExpression,
  isPath,
  type NoteIssue,
  type ShapedExpression,
} from './compile-expression.js';
import { isSimpleName, type ShapeScope } from './compile-path.js';
import { nearName } from './near-name.js';
import { positionOf } from './parse-template.js';
import { elementShape, type TemplateShape } from './template-shape.js';
import type { Expression, Statement } from './template-tree.js';
import { blockHelpers, isHelperName, valueHelpers } from './value-helpers.js';

const loopShapes: ReadonlyMap<string, TemplateShape> = new Map([
  ['index', 'number'],
  ['key', 'any'],
  ['first', 'boolean'],
  ['last', 'boolean'],
]);

type CompileBody = (program: hbs.AST.Program | undefined, scope: ShapeScope) => Statement[];

/** Compiles `{{#name x}}…{{else}}…{{/name}}`. */
export function compileBlock(
  block: hbs.AST.BlockStatement,
  scope: ShapeScope,
  note: NoteIssue,
  compileBody: CompileBody,
): Statement | undefined {
  const name = blockName(block, note);
  const subject = blockSubject(name, block, scope, note);
  const includeZero = blockOptions(name, block, scope, note);
  const blockParameters = readBlockParameters(name, block, note);
  const inner = innerScope(name, subject.shape, blockParameters, scope);
  const body = compileBody(block.program, inner);
  const otherwise = compileBody(block.inverse, scope);
  const condition = subject.expression;
  const position = positionOf(block);
  if (name === 'each') {
    if (elementShape(subject.shape) === undefined) {
      note(
        block,
        'TEMPLATE_UNSUPPORTED',
        `{{#each}} goes through a list or an object, and this is a ${typeof subject.shape === 'string' ? subject.shape : 'value'}: write {{#if}} or {{#with}}.`,
      );
    }
    return { kind: name, subject: condition, blockParameters, body, otherwise, position };
  }
  if (name === 'with') return { kind: name, subject: condition, blockParameters, body, otherwise, position };
  if (name === 'if') return { kind: 'if', condition, includeZero, body, otherwise, position };
  if (name === 'unless') return { kind: 'if', condition, includeZero, body: otherwise, otherwise: body, position };
  return undefined;
}

// Undefined when there is no such block, which has been noted.
function blockName(block: hbs.AST.BlockStatement, note: NoteIssue): string | undefined {
  const name = isPath(block.path) ? block.path.original : undefined;
  // The parser gives the flags of {{#…}} to every block but a raw one, whose own are empty.
  if (block.openStrip.open === undefined) {
    note(
      block,
      'TEMPLATE_UNSUPPORTED',
      'Raw blocks {{{{…}}}} are not offered: write \\{{ for braces that are to be printed.',
    );
    return undefined;
  }
  if (name !== undefined && isSimpleName(block.path) && blockHelpers.has(name)) return name;
  if (name !== undefined && isSimpleName(block.path) && valueHelpers.has(name)) {
    note(
      block,
      'TEMPLATE_UNSUPPORTED',
      `"${name}" is not a block: write {{#if ${valueHelpers.get(name)?.usage.replace(/^\{\{(.*)\}\}$/, '($1)')}}}…{{/if}}.`,
    );
  } else {
    const shown = name ?? 'x';
    const near = block.params.length === 0 ? '' : nearName(shown, [...blockHelpers.keys()]);
    const advice = near === '' ? `: write {{#each ${shown}}}, {{#if ${shown}}} or {{#with ${shown}}}` : near;
    note(block, 'TEMPLATE_UNSUPPORTED', `There is no block "${shown}"${advice}.`);
  }
  return undefined;
}

function blockSubject(name: string | undefined, block: CallNode, scope: ShapeScope, note: NoteIssue): ShapedExpression {
  const [subject, ...others] = block.params.map((parameter) => compileExpression(parameter, scope, note));
  if (name !== undefined && (subject === undefined || others.length > 0)) {
    note(
      block,
      'TEMPLATE_UNSUPPORTED',
      `{{#${name}}} takes one argument, not ${block.params.length}: write {{#${name} x}}, or a helper in parentheses.`,
    );
  }
  return subject ?? { expression: { kind: 'literal', value: null }, shape: 'any' };
}

// `includeZero=…` of #if and #unless is the only named argument there is.
function blockOptions(name: string | undefined, block: CallNode, scope: ShapeScope, note: NoteIssue): Expression {
  let includeZero: Expression = { kind: 'literal', value: false };
  for (const pair of block.hash?.pairs ?? []) {
    const { expression } = compileExpression(pair.value, scope, note);
    if ((name === 'if' || name === 'unless') && pair.key === 'includeZero') includeZero = expression;
    else
      note(pair, 'TEMPLATE_UNSUPPORTED', `"${name ?? 'This block'}" takes no named argument "${pair.key}": remove it.`);
  }
  return includeZero;
}

function readBlockParameters(
  name: string | undefined,
  block: hbs.AST.BlockStatement,
  note: NoteIssue,
): readonly string[] {
  // Handlebars leaves out the body of {{^if x}}…{{/if}} and the names of a body that has none.
  const program: Partial<hbs.AST.Program> | undefined = block.program;
  const names = program?.blockParams ?? [];
  const most = blockHelpers.get(name ?? '')?.blockParameters ?? names.length;
  if (names.length > most) {
    note(
      block,
      'TEMPLATE_UNSUPPORTED',
      `{{#${name}}} gives ${most} values to "as |…|", not ${names.length}: remove the other names.`,
    );
  }
  for (const taken of names.filter(isHelperName)) {
    note(block, 'TEMPLATE_UNSUPPORTED', `"${taken}" is the name of a helper: choose another name in "as |…|".`);
  }
  return names;
}

function innerScope(
  name: string | undefined,
  subject: TemplateShape,
  names: readonly string[],
  parent: ShapeScope,
): ShapeScope {
  if (name === 'if' || name === 'unless') return parent;
  // A block that does not exist may mean anything by its names: one problem is enough.
  const self = name === 'with' ? subject : name === 'each' ? (elementShape(subject) ?? 'any') : 'any';
  const shapes: readonly TemplateShape[] = [self, 'any'];
  const blockParameters = new Map(names.map((parameter, index) => [parameter, shapes[index] ?? 'any']));
  return { self, parent, blockParameters, loop: name === 'with' ? undefined : loopShapes };
}
