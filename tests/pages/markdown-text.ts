import type { Nodes } from 'mdast';

/** The words of a part of a page, without what marks code, links and stress; a line break is a space. */
export function textOf(node: Nodes): string {
  if ('value' in node) return node.value.replaceAll(/\s*\n\s*/g, ' ');
  return 'children' in node ? node.children.map(textOf).join('') : '';
}
