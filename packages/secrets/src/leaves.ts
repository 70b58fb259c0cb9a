import { isLeaf, type Leaf } from './leaf-text.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';

/** A leaf, and where it stands. */
export type PlacedLeaf = {
  leaf: Leaf;
  /** The names of the fields that lead to it. Elements of arrays have none: for sops they all stand at one place. */
  path: readonly string[];
  /** The same with the indexes of array elements. */
  pointer: ReadonlyArray<string | number>;
};

/** The document with each leaf replaced, depth first, in the order of the document. */
export function mapLeaves(document: OrderedObject, replace: (placed: PlacedLeaf) => OrderedValue): OrderedObject {
  const visit = (value: OrderedValue, path: PlacedLeaf['path'], pointer: PlacedLeaf['pointer']): OrderedValue => {
    if (Array.isArray(value)) return value.map((inner, index) => visit(inner, path, [...pointer, index]));
    if (value instanceof Map) return visitFields(value, path, pointer);
    return isLeaf(value) ? replace({ leaf: value, path, pointer }) : value;
  };
  const visitFields = (fields: OrderedObject, path: PlacedLeaf['path'], pointer: PlacedLeaf['pointer']) =>
    new Map([...fields].map(([name, inner]) => [name, visit(inner, [...path, name], [...pointer, name])]));
  return visitFields(document, [], []);
}

/** Every leaf, in the order of the document. */
export function leavesOf(document: OrderedObject): PlacedLeaf[] {
  const found: PlacedLeaf[] = [];
  mapLeaves(document, (placed) => {
    found.push(placed);
    return placed.leaf;
  });
  return found;
}
