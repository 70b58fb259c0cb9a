import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { globSync } from 'tinyglobby';

/** A part of a syntax tree. */
type Node = Record<string, unknown> & { type: string };

/**
 * The codes that the packages and plugins declare: each text of a union type whose name ends in `Code` or `Codes`, and each text
 * that a class has as its `code`.
 *
 * @returns From a code to the files that declare it.
 */
export function declaredCodes(root: string): Map<string, string[]> {
  const files = globSync(['{packages,plugins}/*/src/**/*.ts'], { cwd: root, ignore: ['**/*.test.ts'] }).sort();
  const codes = new Map<string, string[]>();
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    if (!/Code|\bcode\b/.test(text)) continue;
    for (const code of codesIn(file, text)) codes.set(code, [...(codes.get(code) ?? []), file]);
  }
  return codes;
}

/** The codes that one file declares. */
export function codesIn(file: string, text: string): string[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  const found: string[] = [];
  walk(program as unknown as Node, (node) => {
    if (node.type === 'TSTypeAliasDeclaration' && /Codes?$/.test(nameOf(node['id']))) {
      found.push(...textsOf(node['typeAnnotation']));
    } else if (node.type === 'PropertyDefinition' && nameOf(node['key']) === 'code') {
      found.push(...textsOf(node['value']));
    }
  });
  return found;
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const child of Object.values(node).flat()) if (isNode(child)) walk(child, visit);
}

/** Texts of a type or of a value: of a union, all of its parts. What it refers to is declared elsewhere, and found there. */
function textsOf(node: unknown): string[] {
  if (!isNode(node)) return [];
  if (node.type === 'TSUnionType') return (node['types'] as unknown[]).flatMap(textsOf);
  if (node.type === 'TSParenthesizedType') return textsOf(node['typeAnnotation']);
  if (node.type === 'TSLiteralType') return textsOf(node['literal']);
  return node.type === 'Literal' && typeof node['value'] === 'string' ? [node['value']] : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function nameOf(node: unknown): string {
  return isNode(node) && typeof node['name'] === 'string' ? node['name'] : '';
}
