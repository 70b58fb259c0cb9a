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
    // Of a field that is given twice, both: what is not in the last one may be in the one before.
    let others: Found[] = [];
    for (const part of pointerPath(pointer)) {
      const [inner, ...more] = [found, ...others].flatMap(({ value }) => this.#inside(value, part));
      if (inner === undefined) return { ...found, isWhole: false };
      found = inner;
      others = more;
    }
    return found;
  }

  /** A secret is looked for under the name that it has sealed, too. */
  #inside(outer: Node | undefined, part: string): Found[] {
    const found = this.#entries(outer, part);
    return found.length > 0 ? found : this.#entries(outer, `${part}_sops`);
  }

  #entries(outer: Node | undefined, part: string): Found[] {
    const node = this.#resolved(outer);
    if (isSeq(node)) {
      const value = /^\d+$/.test(part) ? node.items[Number(part)] : undefined;
      return value === undefined ? [] : [{ key: undefined, value: value as Node, isWhole: true }];
    }
    const pairs = isMap(node) ? this.#pairsOf(node, part) : [];
    return pairs.map(({ key, value }) => ({
      key: key as Node,
      value: (value ?? undefined) as Node | undefined,
      isWhole: true,
    }));
  }

  /** Those of a name, first the last one, which is the one that counts; else the first that `<<` brings. */
  #pairsOf(map: YAMLMap, name: string): Pair[] {
    const own = map.items.filter(({ key }) => isScalar(key) && !isMergeKey(key) && keyName(key) === name);
    if (own.length > 0) return own.toReversed();
    for (const { key, value } of map.items) {
      if (!isScalar(key) || !isMergeKey(key)) continue;
      const source = this.#resolved(value as Node | undefined);
      const mappings = isSeq(source) ? source.items : [source];
      for (const mapping of mappings) {
        const merged = this.#resolved(mapping as Node | undefined);
        const pairs = isMap(merged) ? this.#pairsOf(merged, name) : [];
        if (pairs.length > 0) return pairs;
      }
    }
    return [];
  }

  #resolved(node: Node | undefined): Node | undefined {
    return isAlias(node) ? this.#targets.get(node) : node;
  }
}

function isText(node: Node | undefined): node is Scalar<string> {
  return isScalar(node) && typeof node.value === 'string';
}
