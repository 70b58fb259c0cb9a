import { nearName } from './near-name.js';
import type { TemplateIssue } from './template-error.js';
import { fieldShape, type TemplateShape } from './template-shape.js';
import { isHelperName } from './value-helpers.js';
import { type PathBase, resolveBase, type VariablePath, type VariableScope } from './variable-scope.js';

export type ShapeScope = VariableScope<TemplateShape>;
type Problem = Pick<TemplateIssue, 'code' | 'message'>;

/** A path with the shape of what it names; or, when it can name nothing, why. */
export function compilePath(
  node: hbs.AST.PathExpression,
  scope: ShapeScope,
): { path: VariablePath; shape: TemplateShape } | { problem: Problem } {
  const { base, parts } = readPath(node, scope);
  const [name] = node.parts;
  if (isSimpleName(node) && base.from !== 'blockParameter' && name !== undefined && isHelperName(name)) {
    return refuse(
      'TEMPLATE_UNSUPPORTED',
      `"${name}" is a helper: write this.${name} if you mean a variable of that name.`,
    );
  }
  const start = resolveBase(scope, base);
  if (start === undefined) return refuse('TEMPLATE_UNKNOWN_VARIABLE', describeMissingBase(node, base));
  let shape = start;
  for (const [index, part] of parts.entries()) {
    const next = fieldShape(shape, part);
    if (next === undefined) {
      const owner =
        index === 0 && (base.from === 'self' || base.from === 'root')
          ? undefined
          : ownerText(node, parts.length - index);
      return refuse('TEMPLATE_UNKNOWN_VARIABLE', describeMissingField(owner, part, shape, scope));
    }
    shape = next;
  }
  return { path: { base, parts, text: node.original }, shape };
}

/** True for a bare name, which Handlebars reads as a helper when there is one of that name. */
export function isSimpleName(node: hbs.AST.PathExpression): boolean {
  return node.parts.length === 1 && !node.data && !isScoped(node);
}

function readPath(node: hbs.AST.PathExpression, scope: ShapeScope): { base: PathBase; parts: readonly string[] } {
  const [first, ...others] = node.parts;
  if (node.data && first !== undefined) {
    if (first === 'root' && node.depth === 0) return { base: { from: 'root' }, parts: others };
    return { base: { from: 'loop', name: first, loopsUp: node.depth }, parts: others };
  }
  if (first !== undefined && !isScoped(node)) {
    const base: PathBase = { from: 'blockParameter', name: first };
    if (resolveBase(scope, base) !== undefined) return { base, parts: others };
  }
  return { base: { from: 'self', levelsUp: node.depth }, parts: node.parts };
}

// `this.x`, `./x` and `../x` name a field even where a block parameter or a helper has that name. `[this]` is a name.
function isScoped(node: hbs.AST.PathExpression): boolean {
  return node.depth > 0 || (/^(?:this|\.)(?:[./]|$)/.test(node.original) && node.parts[0] !== 'this');
}

const loopNames: readonly string[] = ['index', 'key', 'first', 'last'];

function ownerText(node: hbs.AST.PathExpression, missingParts: number): string {
  const known = node.parts.slice(0, node.parts.length - missingParts).join('.');
  return node.data ? `@${known}` : known;
}

function describeMissingBase(node: hbs.AST.PathExpression, base: PathBase): string {
  if (base.from !== 'loop')
    return `"${node.original}" leads out of the template: there are fewer blocks around it than "../".`;
  if (loopNames.includes(base.name)) {
    return `"${node.original}" has a meaning only inside ${base.loopsUp + 1} {{#each}}.`;
  }
  const near = nearName(base.name, loopNames).replace(/"(.*)"/, '"@$1"');
  if (near !== '') return `There is no "${node.original}"${near}, and that has a meaning only inside {{#each}}.`;
  return `There is no "${node.original}": known are @root and, inside {{#each}}, @index, @key, @first and @last.`;
}

function describeMissingField(
  owner: string | undefined,
  part: string,
  shape: TemplateShape,
  scope: ShapeScope,
): string {
  const subject = owner ?? 'what `this` stands for here';
  const problem = owner === undefined ? `There is no variable "${part}" here` : `"${owner}" has no "${part}"`;
  const outermost = resolveBase(scope, { from: 'root' });
  const atRoot = outermost !== undefined && shape !== outermost && fieldShape(outermost, part) !== undefined;
  if (owner === undefined && atRoot) return `${problem}, inside a block: write @root.${part}.`;
  if (typeof shape === 'string') return `${problem}: ${subject} is a ${shape} and has no fields.`;
  if ('array' in shape)
    return `${problem}: ${subject} is a list. Write {{#each}} over it, (lookup list 0) or (len list).`;
  const names = Object.keys(shape.fields);
  if (names.length === 0) return `${problem}: it has no fields.`;
  const near = nearName(part, names);
  return `${problem}${near}.${near === '' ? ` Known: ${names.join(', ')}.` : ''}`;
}

function refuse(code: Problem['code'], message: string): { problem: Problem } {
  return { problem: { code, message } };
}
