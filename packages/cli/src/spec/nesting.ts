import type { CST } from 'yaml';

/** Deeper than any spec, and far from where the composing of nodes, which is recursive, would end the process. */
const maxDepth = 200;

/** Where a file nests deeper than it may: an offset. Not recursive itself. */
export function tooDeepAt(tokens: readonly CST.Token[]): number | undefined {
  let level: CST.Token[] = [...tokens];
  for (let depth = 0; level.length > 0; depth += 1) {
    const [first] = level;
    if (depth > maxDepth && first !== undefined) return 'offset' in first ? first.offset : 0;
    level = level.flatMap(tokensInside);
  }
  return undefined;
}

function tokensInside(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((inner) => inner !== undefined && inner !== null));
}
