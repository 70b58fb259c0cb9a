import type { OrderedObject, OrderedValue } from '@aftercommit/secrets';
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { isMergeKey, keyName } from './read-nodes.js';

/**
 * What a node stands for, its objects as maps: a seal follows the order in which fields are written, and plain objects move
 * names like `10` to the front.
 *
 * @param targets What each alias of the file stands for.
 */
export function orderedValue(node: unknown, targets: ReadonlyMap<Alias, Node>): OrderedValue {
  if (isAlias(node)) return orderedValue(targets.get(node), targets);
  if (isSeq(node)) return node.items.map((item) => orderedValue(item, targets));
  if (isMap(node)) return orderedFields(node, targets);
  const value: unknown = isScalar(node) ? node.value : null;
  const isValue = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isValue || typeof value === 'bigint' ? value : null;
}

function orderedFields(map: YAMLMap, targets: ReadonlyMap<Alias, Node>): OrderedObject {
  const fields: OrderedObject = new Map();
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue;
    if (!isMergeKey(key)) {
      fields.set(keyName(key), orderedValue(value, targets));
      continue;
    }
    const merged = orderedValue(value, targets);
    for (const source of Array.isArray(merged) ? merged : [merged]) {
      if (!(source instanceof Map)) continue;
      for (const [name, inner] of source) if (!fields.has(name)) fields.set(name, inner);
    }
  }
  return fields;
}
