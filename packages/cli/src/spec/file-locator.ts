import { pointerPath } from '@aftercommit/models';
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { FieldPart, Locator } from './issue-collector.js';
import { isMergeKey, keyName } from './read-nodes.js';
import type { TextPosition } from './spec-issue.js';
import { placeInFile } from './template-position.js';

/** A node that was found, and what it is called; undefined: it is an entry of a list, or the whole. */
type Found = { key: Node | undefined; value: Node | undefined; isWhole: boolean };

/** Where in a file the things are that issues point to. Aliases and `<<` are followed to what they stand for. */
export class FileLocator implements Locator {
  readonly #text: string;
  readonly #root: Node;
  readonly #targets: ReadonlyMap<Alias, Node>;
  readonly #startOf: (node: Node) => TextPosition;

  constructor(text: string, root: Node, targets: ReadonlyMap<Alias, Node>, startOf: (node: Node) => TextPosition) {
    this.#text = text;
    this.#root = root;
    this.#targets = targets;
    this.#startOf = startOf;
  }

  positionOf(pointer: string, part: FieldPart): TextPosition {
    const { key, value, isWhole } = this.#find(pointer);
    const valueAt = this.#startOf(value ?? key ?? this.#root);
    if (key === undefined) return valueAt;
    const keyAt = this.#startOf(key);
    if (part === 'key' || !isWhole) return keyAt;
    // What begins below its name is looked for at its name.
    const isBelow = valueAt.line > keyAt.line && !isScalar(value) && !isAlias(value);
    return isBelow ? keyAt : valueAt;
  }

  positionInText(pointer: string, place: TextPosition): TextPosition | undefined {
    const { value, isWhole } = this.#find(pointer);
    const text = this.#resolved(value);
    if (!isWhole || !isText(text)) return undefined;
    return placeInFile(text, place, this.#startOf(text), this.#text);
  }

  /** What a pointer points to, what an alias stands for included. Undefined: there is nothing. */
  nodeAt(pointer: string): Node | undefined {
    const { value, isWhole } = this.#find(pointer);
    return isWhole ? this.#resolved(value) : undefined;
  }

  /** What a pointer points to, or (`isWhole` is false then) the nearest thing around it that is there. */
  #find(pointer: string): Found {
    let found: Found = { key: undefined, value: this.#root, isWhole: true };
    for (const part of pointerPath(pointer)) {
      const inner = this.#inside(found.value, part);
      if (inner === undefined) return { ...found, isWhole: false };
      found = inner;
    }
    return found;
  }

  /** A secret is looked for under the name that it has sealed, too. */
  #inside(outer: Node | undefined, part: string): Found | undefined {
    return this.#entry(outer, part) ?? this.#entry(outer, `${part}_sops`);
  }

  #entry(outer: Node | undefined, part: string): Found | undefined {
    const node = this.#resolved(outer);
    if (isSeq(node)) {
      const value = /^\d+$/.test(part) ? node.items[Number(part)] : undefined;
      return value === undefined ? undefined : { key: undefined, value: value as Node, isWhole: true };
    }
    const pair = isMap(node) ? this.#pairOf(node, part) : undefined;
    if (pair === undefined) return undefined;
    return { key: pair.key as Node, value: (pair.value ?? undefined) as Node | undefined, isWhole: true };
  }

  /** The last one of a name, which is the one that counts; else the first that `<<` brings. */
  #pairOf(map: YAMLMap, name: string): Pair | undefined {
    const own = map.items.findLast(({ key }) => isScalar(key) && !isMergeKey(key) && keyName(key) === name);
    if (own !== undefined) return own;
    for (const { key, value } of map.items) {
      if (!isScalar(key) || !isMergeKey(key)) continue;
      const source = this.#resolved(value as Node | undefined);
      const mappings = isSeq(source) ? source.items : [source];
      for (const mapping of mappings) {
        const merged = this.#resolved(mapping as Node | undefined);
        const pair = isMap(merged) ? this.#pairOf(merged, name) : undefined;
        if (pair !== undefined) return pair;
      }
    }
    return undefined;
  }

  #resolved(node: Node | undefined): Node | undefined {
    return isAlias(node) ? this.#targets.get(node) : node;
  }
}

function isText(node: Node | undefined): node is Scalar<string> {
  return isScalar(node) && typeof node.value === 'string';
}
